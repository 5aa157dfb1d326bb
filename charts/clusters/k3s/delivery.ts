import { Chart } from 'cdk8s';
import { PART_OF } from '../../constructs/labels.js';
import { checkDevicePlugin, DevicePlugin } from '../../gpu/device-plugin.js';
import type { DevicePluginData } from '../../gpu/device-plugin.js';
import type { Cluster } from '../../model/cluster.js';
import { checkCluster } from '../../model/cluster.js';
import { Findings } from '../../model/problem.js';
import type { Papers } from '../../papers/papers.js';
import { checkPapers } from '../../papers/papers.js';
import { PapersBackend, PapersBlockchain, PapersFrontend } from '../../papers/papers-charts.js';
import { SandboxPriority } from '../../terminal/sandbox-priority.js';
import type { Terminal } from '../../terminal/terminal.js';
import { checkTerminal } from '../../terminal/terminal.js';
import { TerminalChart } from '../../terminal/terminal-chart.js';
import type { Delivery } from '../delivery.js';
import type { Addresses } from '../placeholders.js';
import { k3sCluster } from './cluster.js';
import { DEVICE_PLUGIN } from './device-plugin.js';
import { PAPERS } from './papers.js';
import { k3sTerminal } from './terminal.js';

/** Everything that is rendered for the k3s cluster. */
export interface K3sData {
  readonly cluster: Cluster;
  readonly terminal: Terminal;
  readonly papers: Papers;
  readonly devicePlugin: DevicePluginData;
}

/** The k3s cluster's data with your addresses in it. */
export function k3sData(addresses: Addresses): K3sData {
  return {
    cluster: k3sCluster(addresses),
    terminal: k3sTerminal(addresses),
    papers: PAPERS,
    devicePlugin: DEVICE_PLUGIN,
  };
}

/** The k3s cluster: the web terminal, Papers, and what GPU nodes will need. */
export function k3sDelivery({ cluster, terminal, papers, devicePlugin }: K3sData): Delivery {
  return {
    cluster,
    folder: '',
    problems: () => {
      const findings = new Findings();
      findings.include('cluster', checkCluster(cluster));
      findings.include('terminal', checkTerminal(terminal));
      findings.include('papers', checkPapers(papers));
      findings.include('devicePlugin', checkDevicePlugin(devicePlugin));
      return findings.problems;
    },
    charts: (app) => {
      new SandboxPriority(new Chart(app, '00-cluster', { labels: PART_OF }), 'sandbox');
      new TerminalChart(app, '10-claudecode-terminal', { cluster, terminal });
      new PapersFrontend(app, '20-papers-frontend', papers);
      new PapersBackend(app, '21-papers-backend', papers);
      new PapersBlockchain(app, '22-papers-blockchain', papers);
      if (devicePlugin.enabled) {
        const system = new Chart(app, '30-kube-system', { namespace: 'kube-system', labels: PART_OF });
        new DevicePlugin(system, 'nvidia-device-plugin-daemonset', devicePlugin);
      }
    },
  };
}
