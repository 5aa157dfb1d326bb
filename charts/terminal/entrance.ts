import type { PodPeer } from '../constructs/traffic.js';
import { isPort } from '../model/cluster.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Findings } from '../model/problem.js';

/** Where users come in. */
export type Entrance = NodePortEntrance | IngressEntrance;

/** Plain HTTP on every node: for a network that its users trust. */
export interface NodePortEntrance {
  readonly kind: 'node-port';
  /** 30000–32767. */
  readonly port: number;
}

/**
 * TLS at the cluster's Ingress controller. Its Pods alone can reach the bridge then, so their X-Forwarded-* headers can
 * be believed: cookies are Secure, and login attempts are counted by the client's address.
 */
export interface IngressEntrance {
  readonly kind: 'ingress';
  /** The name in the certificate and in the address bar. */
  readonly host: string;
  readonly className: string;
  /** A Secret of type kubernetes.io/tls in the terminal's namespace; whoever runs the cluster makes it. */
  readonly tlsSecret: string;
  readonly controller: PodPeer;
}

/** Everything wrong with `entrance`. */
export function checkEntrance(entrance: Entrance, findings: Findings): void {
  if (entrance.kind === 'node-port') {
    const inRange = isPort(entrance.port) && entrance.port >= 30000 && entrance.port <= 32767;
    findings.need(inRange, 'bridge.entrance.port', entrance.port, 'want a whole number from 30000 to 32767');
    return;
  }
  const { host, className, tlsSecret } = entrance;
  findings.need(HOST.test(host), 'bridge.entrance.host', host, 'want a DNS name in lower case, without a port');
  findings.need(isObjectName(className), 'bridge.entrance.className', className, OBJECT_NAME_RULE);
  findings.need(isObjectName(tlsSecret), 'bridge.entrance.tlsSecret', tlsSecret, OBJECT_NAME_RULE);
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
