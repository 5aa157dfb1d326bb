import { k8s } from 'cdk8s-plus-30';
import type { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from './labels.js';

/** Pods at one end of a flow, in a namespace of ours or of somebody else's. */
export interface PodPeer {
  /** Names the NetworkPolicy that opens these Pods. No labels: every Pod of the namespace. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Addresses at one end of a flow. */
export interface AddressPeer {
  readonly cidr: string;
  /** Networks inside `cidr` that do not belong to it. @default none */
  readonly except?: readonly string[];
}

export type Peer = PodPeer | AddressPeer;

/** A port of a flow's receiving end. */
export interface FlowPort {
  readonly port: number;
  /** @default TCP */
  readonly protocol?: 'TCP' | 'UDP';
}

/** Traffic that is meant to be. Everything else is denied. */
export interface Flow {
  /** Why it is needed, for whoever reads the rendered policy. */
  readonly why: string;
  readonly from: readonly Peer[] | 'anywhere';
  readonly to: readonly Peer[];
  /** @default every port */
  readonly ports?: readonly FlowPort[];
}

/** The Pods of a workload, as an end of a flow. */
export function podsOf(namespace: string, name: string): PodPeer {
  return { name, namespace, labels: selectorOf(name) };
}

export interface TrafficProps {
  /** Flows of the whole cluster; only ends in this chart's namespace are rendered here. */
  readonly flows: readonly Flow[];
}

/**
 * Opens a namespace for declared flows: one NetworkPolicy for each end that lies in it. A flow between two namespaces
 * opens the sender's egress and the receiver's ingress, so it is declared once and given to both.
 */
export class Traffic extends Construct {
  constructor(scope: Chart, id: string, { flows }: TrafficProps) {
    super(scope, id);
    const here = (peers: Flow['from']) =>
      peers === 'anywhere' ? [] : peers.filter(isPods).filter(({ namespace }) => namespace === scope.namespace);
    const ends = new Map(flows.flatMap(({ from, to }) => [...here(from), ...here(to)]).map((end) => [end.name, end]));
    for (const end of ends.values()) {
      const isEnd = (peers: Flow['from']) => here(peers).some(({ name }) => name === end.name);
      const incoming = flows.filter(({ to }) => isEnd(to));
      const outgoing = flows.filter(({ from }) => isEnd(from));
      new k8s.KubeNetworkPolicy(this, end.name, {
        metadata: {
          name: end.name,
          labels: labelsOf(this, end.name),
          annotations: { 'berth.dev/flows': reasons([...incoming, ...outgoing]) },
        },
        spec: {
          podSelector: selector(end),
          policyTypes: [...(incoming.length > 0 ? ['Ingress'] : []), ...(outgoing.length > 0 ? ['Egress'] : [])],
          ...(incoming.length > 0 && {
            ingress: incoming.map(({ from, ports }) => ({
              ...(from !== 'anywhere' && { from: from.map(policyPeer) }),
              ...policyPorts(ports),
            })),
          }),
          ...(outgoing.length > 0 && {
            egress: outgoing.map(({ to, ports }) => ({
              to: to.map(policyPeer),
              ...policyPorts(ports),
            })),
          }),
        },
      });
    }
  }
}

function isPods(peer: Peer): peer is PodPeer {
  return 'labels' in peer;
}

function reasons(flows: readonly Flow[]): string {
  return [...new Set(flows.map(({ why }) => why))].join('; ');
}

function policyPeer(peer: Peer): k8s.NetworkPolicyPeer {
  if (!isPods(peer)) return { ipBlock: { cidr: peer.cidr, ...(peer.except && { except: [...peer.except] }) } };
  return {
    podSelector: selector(peer),
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
  };
}

/** Every Pod is `{}`: the API server forgets an empty `matchLabels`, and each apply would change the policy again. */
function selector({ labels }: PodPeer): k8s.LabelSelector {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: { ...labels } };
}

function policyPorts(ports: readonly FlowPort[] | undefined): Pick<k8s.NetworkPolicyEgressRule, 'ports'> {
  if (!ports) return {};
  return {
    ports: ports.map(({ port, protocol = 'TCP' }) => ({ port: k8s.IntOrString.fromNumber(port), protocol })),
  };
}
