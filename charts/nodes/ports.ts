/** What a host is to its cluster: kubeadm's control plane or k3s's server, and everything else. */
export type Role = 'control-plane' | 'worker';

/** Who may come: every node, the control planes, Pods, the people who run the cluster, the people who use it. */
export type Source = 'nodes' | 'control-planes' | 'pods' | 'admins' | 'users';

/** A port, or a range of them, that is open on hosts of some roles. */
export interface PortRule {
  /** `6443`, or a range, `2379-2380`; empty for ICMP. */
  readonly ports: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly component: string;
  readonly purpose: string;
  readonly roles: readonly Role[];
  readonly from: readonly Source[];
  /** `node`: a process of the node answers. `pod`: the packet is forwarded to a Pod (NodePort, host port). @default node */
  readonly answeredBy?: 'node' | 'pod';
  /** What people should know about it. @default nothing */
  readonly note?: string;
}

/** The rule of a component whose name says what it is for. */
export function portRule(
  ports: string,
  protocol: PortRule['protocol'],
  component: string,
  roles: PortRule['roles'],
  from: PortRule['from'],
): PortRule {
  return { ports, protocol, component, purpose: component, roles, from };
}

const EVERY: readonly Role[] = ['control-plane', 'worker'];

/** What every machine opens to the people who run it. */
export const LOGIN_PORTS: readonly PortRule[] = [
  { ports: '22', protocol: 'tcp', component: 'sshd', purpose: 'SSH', roles: EVERY, from: ['admins'] },
  { ports: '', protocol: 'icmp', component: 'ping', purpose: 'ping', roles: EVERY, from: ['nodes', 'admins'] },
];

/** Flannel's tunnels. */
export const VXLAN_PORT: PortRule = {
  ports: '8472',
  protocol: 'udp',
  component: 'flannel',
  purpose: 'Pods between nodes (VXLAN)',
  roles: EVERY,
  from: ['nodes'],
};

/** First and last port of `6443` or `2379-2380`; undefined when it is neither. */
export function portRange(ports: string): readonly [first: number, last: number] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports);
  if (!match) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return first >= 1 && first <= last && last <= 65535 ? [first, last] : undefined;
}

/** Whether `rule` opens everything that `need` wants, on hosts of that role, to that source. */
export function opens(rule: PortRule, need: PortRule, role: Role, source: Source): boolean {
  return (
    rule.protocol === need.protocol &&
    (rule.answeredBy ?? 'node') === (need.answeredBy ?? 'node') &&
    rule.roles.includes(role) &&
    rule.from.includes(source) &&
    includes(rule.ports, need.ports)
  );
}

function includes(outer: string, inner: string): boolean {
  const [big, small] = [portRange(outer), portRange(inner)];
  return outer === inner || (!!big && !!small && big[0] <= small[0] && small[1] <= big[1]);
}

/** `6443/tcp`, `2379-2380/tcp`, `ICMP`: for people. */
export function describePort({ ports, protocol }: Pick<PortRule, 'ports' | 'protocol'>): string {
  return protocol === 'icmp' ? 'ICMP' : `${ports}/${protocol}`;
}
