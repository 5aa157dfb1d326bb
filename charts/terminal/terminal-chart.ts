import { Construct } from 'constructs';
import { NamespaceChart } from '../constructs/namespace-chart.js';
import { Quota } from '../constructs/quota.js';
import type { Flow, PodPeer } from '../constructs/traffic.js';
import { podsOf, Traffic } from '../constructs/traffic.js';
import { apiServerFlows, dnsFlow, internet } from '../constructs/reach.js';
import type { Cluster } from '../model/cluster.js';
import { GPU } from '../model/gpu.js';
import { Bridge, BRIDGE_NAME, BRIDGE_PORTS } from './bridge.js';
import { SandboxProfile } from './sandbox-profile.js';
import { BERTH, SANDBOX_NAME, SANDBOX_PRIORITY } from './sandboxes.js';
import type { Terminal } from './terminal.js';

export interface TerminalChartProps {
  readonly cluster: Cluster;
  readonly terminal: Terminal;
}

/**
 * The web terminal's namespace. Sandboxes and everything else are counted by quotas of their own, so that a namespace
 * full of sandboxes never stops the bridge's rollout.
 */
export class TerminalChart extends NamespaceChart {
  constructor(scope: Construct, id: string, { cluster, terminal }: TerminalChartProps) {
    const { namespace, limits, bridge, sandboxes, profiles } = terminal;
    super(scope, id, { namespace, limits });
    new Quota(this, 'sandboxes', {
      hard: sandboxes.quota,
      priorityClass: { operator: 'In', name: SANDBOX_PRIORITY },
    });
    new Quota(this, 'services', {
      hard: bridge.quota,
      priorityClass: { operator: 'NotIn', name: SANDBOX_PRIORITY },
    });
    new Quota(this, 'gpus', { hard: { [`requests.${GPU.resource}`]: String(sandboxes.gpus) } });
    new Traffic(this, 'traffic', { flows: terminalFlows(cluster, terminal) });
    new Bridge(this, 'bridge', { namespace, bridge });
    const shapes = new Construct(this, 'profiles');
    for (const profile of profiles) new SandboxProfile(shapes, profile.name, { profile, sandboxes });
  }
}

/** What may be sent in and out of the terminal's namespace. Nothing is sent to a sandbox: exec goes through the kubelet. */
export function terminalFlows(cluster: Cluster, { namespace, bridge: { entrance } }: Terminal): readonly Flow[] {
  const bridge = podsOf(namespace, BRIDGE_NAME);
  const sandboxes = podsOf(namespace, SANDBOX_NAME);
  const online: PodPeer = {
    name: `${SANDBOX_NAME}-internet`,
    namespace,
    labels: { ...sandboxes.labels, [BERTH.internet]: 'true' },
  };
  return [
    // A NodePort hides the sender behind a node's address in the Pod network, so no sender can be singled out.
    {
      why: 'users',
      from: entrance.kind === 'ingress' ? [entrance.controller] : 'anywhere',
      to: [bridge],
      ports: [{ port: BRIDGE_PORTS.http }],
    },
    dnsFlow([bridge]),
    ...apiServerFlows(cluster, [bridge]),
    dnsFlow([sandboxes]),
    { why: 'the internet, and nothing nearer', from: [online], to: internet(cluster) },
  ];
}
