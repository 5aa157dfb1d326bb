import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Chart } from 'cdk8s';
import { k3sTerminal } from '../../charts/clusters/k3s/terminal.js';
import { PLACEHOLDERS } from '../../charts/clusters/placeholders.js';
import type { Delivery } from '../../charts/clusters/delivery.js';
import { PART_OF } from '../../charts/constructs/labels.js';
import { checkCluster } from '../../charts/model/cluster.js';
import { Findings } from '../../charts/model/problem.js';
import { clusterData } from '../../charts/nodes/cluster-data.js';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { nodeAddress } from '../../charts/nodes/inventory.js';
import { synth } from '../../charts/render/synth.js';
import { SandboxPriority } from '../../charts/terminal/sandbox-priority.js';
import { TerminalChart } from '../../charts/terminal/terminal-chart.js';
import type { Terminal } from '../../charts/terminal/terminal.js';
import { checkTerminal } from '../../charts/terminal/terminal.js';

const K3S = k3sTerminal(PLACEHOLDERS);

/**
 * The terminal on two small workers without cards, so that the stories of the k3s cluster's terminal can be told on the
 * VMware lab. What sandboxes are kept from is made of that inventory's networks.
 */
function terminal(origins: readonly string[]): Terminal {
  const [small] = K3S.profiles;
  return {
    ...K3S,
    profiles: small === undefined ? [] : [{ ...small, requests: { ...small.requests, memory: '256Mi' } }],
    bridge: { ...K3S.bridge, allowedOrigins: origins },
    sandboxes: {
      ...K3S.sandboxes,
      quota: {
        pods: '20',
        'requests.cpu': '2',
        'requests.memory': '5Gi',
        'limits.cpu': '40',
        'limits.memory': '80Gi',
      },
      gpus: 0,
    },
  };
}

/** The terminal for the machines that run of an inventory without cards. */
export function vmwareTerminal(inventory: Inventory): Delivery {
  const cluster = {
    ...clusterData(inventory),
    external: [
      { kind: 'ConfigMap', namespace: '*', name: 'kube-root-ca.crt', from: 'Kubernetes' },
      { kind: 'ServiceAccount', namespace: '*', name: 'default', from: 'Kubernetes' },
      { kind: 'Secret', namespace: K3S.namespace, name: 'terminal-users', from: 'the operator: npm run users' },
      { kind: 'Secret', namespace: K3S.namespace, name: 'claude-credentials', from: 'the operator, if wanted' },
    ],
  };
  const workers = inventory.hosts.filter(({ role }) => role === 'worker');
  const data = terminal(workers.map((host) => `http://${nodeAddress(inventory, host)}:31000`));
  return {
    cluster,
    folder: cluster.name,
    problems: () => {
      const findings = new Findings();
      findings.include('cluster', checkCluster(cluster));
      findings.include('terminal', checkTerminal(data));
      return findings.problems;
    },
    charts: (app) => {
      new SandboxPriority(new Chart(app, '00-cluster', { labels: PART_OF }), 'sandbox');
      new TerminalChart(app, '10-claudecode-terminal', { cluster, terminal: data });
    },
  };
}

/** Renders it, checked against its machines, into `folder`. */
export async function writeVmwareTerminal(inventory: Inventory, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, text, manifests } of synth([vmwareTerminal(inventory)], [inventory]))
    if (manifests.length > 0) await writeFile(join(folder, basename(path)), text);
}
