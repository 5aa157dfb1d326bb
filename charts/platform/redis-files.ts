/** The name by which Sentinels know the master. */
export const MASTER = 'eco2';

/** Full name of a server's Pod. */
export function redisHost(index: number): string {
  return `redis-${index}.redis.redis.svc.cluster.local`;
}

/**
 * Writes a server's first settings, or follows the master that the other Sentinels know. When none of them answers it goes
 * on with what its disk says: servers and Sentinels rewrite their files at each failover. On an empty disk without an
 * answer the first server is the master; should there be another one, this one takes no writes without a replica, and the
 * proxy, which asks for a majority of Sentinels, sends nobody to it.
 */
export function startScript(replicas: number, quorum: number): string {
  const others = Array.from({ length: replicas }, (_, index) => redisHost(index)).join(' ');
  return `#!/bin/sh
set -eu
me="$POD_NAME.redis.redis.svc.cluster.local"

known_master() {
  for host in ${others}; do
    [ "$host" = "$me" ] && continue
    answer="$(timeout 2 redis-cli -h "$host" -p 26379 SENTINEL get-master-addr-by-name ${MASTER} 2>/dev/null | head -n 1)" || continue
    case "$answer" in *.redis.redis.svc.cluster.local) echo "$answer"; return 0 ;; esac
  done
  return 1
}

if [ ! -f /data/redis.conf ]; then
  cat /etc/redis/redis.conf > /data/redis.conf
  printf 'replica-announce-ip %s\\nrequirepass %s\\nmasterauth %s\\n' "$me" "$REDIS_PASSWORD" "$REDIS_PASSWORD" >> /data/redis.conf
  master="$(known_master || echo ${redisHost(0)})"
  [ "$master" = "$me" ] || echo "replicaof $master 6379" >> /data/redis.conf
  cat > /data/sentinel.conf <<END
port 26379
dir /tmp
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $me
sentinel monitor ${MASTER} $master 6379 ${quorum}
sentinel auth-pass ${MASTER} $REDIS_PASSWORD
sentinel down-after-milliseconds ${MASTER} 3000
sentinel failover-timeout ${MASTER} 15000
sentinel parallel-syncs ${MASTER} 1
END
elif master="$(known_master)"; then
  sed -i '/^replicaof /d' /data/redis.conf
  [ "$master" = "$me" ] || echo "replicaof $master 6379" >> /data/redis.conf
fi
`;
}

/** What every server starts from. */
export function serverSettings(maxMemory: string, replicated: boolean): string {
  const guard = replicated ? 'min-replicas-to-write 1\nmin-replicas-max-lag 10\n' : '';
  return `port 6379
dir /data
appendonly yes
maxmemory ${maxMemory}
maxmemory-policy noeviction
${guard}`;
}

/**
 * The proxy in front: to the server that says it is master and that a majority of Sentinels calls so. Connections to a
 * server that is no longer master are cut, so that clients come back through the new one.
 */
export function proxySettings(replicas: number, quorum: number): string {
  const all = Array.from({ length: replicas }, (_, index) => index);
  const votes = all.map(
    (server) => `backend says_${server}
  option tcp-check
  tcp-check connect
  tcp-check send "SENTINEL get-master-addr-by-name ${MASTER}\\r\\n"
  tcp-check expect string ${redisHost(server)}
${all.map((voter) => `  server sentinel${voter} ${redisHost(voter)}:26379 check inter 1s fall 1 rise 1`).join('\n')}
`,
  );
  return `global
  maxconn 4096
defaults
  mode tcp
  timeout connect 3s
  timeout check 2s
  timeout client 1h
  timeout server 1h
  default-server resolvers cluster init-addr last,libc,none on-marked-down shutdown-sessions
resolvers cluster
  parse-resolv-conf
  hold valid 5s
frontend redis
  bind :6379
  default_backend master
frontend metrics
  mode http
  bind :8404
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 if { path /healthz }
backend master
  option tcp-check
  tcp-check connect
  tcp-check send "AUTH \${REDIS_PASSWORD}\\r\\n"
  tcp-check expect string +OK
  tcp-check send "INFO replication\\r\\n"
  tcp-check expect string role:master
${all.map((server) => `  use-server redis${server} if { srv_is_up(redis${server}) } { nbsrv(says_${server}) ge ${quorum} }`).join('\n')}
${all.map((server) => `  server redis${server} ${redisHost(server)}:6379 check inter 1s fall 1 rise 1 weight 0`).join('\n')}
${votes.join('')}`;
}
