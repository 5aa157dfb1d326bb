import type { Construct } from 'constructs';
import { dnsFlow, TRAEFIK } from '../constructs/reach.js';
import { Claim } from '../constructs/claim.js';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { HttpIngress } from '../constructs/http-ingress.js';
import { NamespaceChart } from '../constructs/namespace-chart.js';
import { Quota } from '../constructs/quota.js';
import { StatefulWorkload } from '../constructs/stateful-workload.js';
import type { Flow } from '../constructs/traffic.js';
import { podsOf, Traffic } from '../constructs/traffic.js';
import { Workload } from '../constructs/workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import type { Papers, PapersTier } from './papers.js';
import { PAPERS_PORT } from './papers.js';
import { papersPod } from './papers-pod.js';

const PORT = { name: 'http', port: PAPERS_PORT } as const;

/** The page: stateless, published over the cluster's Ingress controller. */
export class PapersFrontend extends NamespaceChart {
  constructor(scope: Construct, id: string, papers: Papers) {
    const { frontend } = papers;
    super(scope, id, namespaceOf(frontend));
    new Quota(this, 'namespace', { hard: frontend.quota });
    new Traffic(this, 'traffic', { flows: papersFlows(papers) });
    const workload = new Workload(this, frontend.name, {
      replicas: frontend.replicas,
      pod: papersPod({ tier: frontend }),
    });
    new DisruptionBudget(workload, 'budget');
    new WorkloadService(workload, 'service', { ports: [PORT] });
    new HttpIngress(workload, 'ingress', { className: frontend.ingressClass, port: PORT.name });
  }
}

/** The API: one Pod, because its claim can be mounted on one node only. */
export class PapersBackend extends NamespaceChart {
  constructor(scope: Construct, id: string, papers: Papers) {
    const { backend } = papers;
    super(scope, id, namespaceOf(backend));
    new Quota(this, 'namespace', { hard: backend.quota });
    new Traffic(this, 'traffic', { flows: papersFlows(papers) });
    const claim = `${backend.name}-data`;
    new Claim(this, 'data', { name: claim, size: backend.storage, storageClass: backend.storageClass });
    const workload = new Workload(this, backend.name, {
      replicas: backend.replicas,
      strategy: 'Recreate',
      pod: papersPod({
        tier: backend,
        data: 'data',
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
      }),
    });
    new WorkloadService(workload, 'service', { ports: [PORT] });
  }
}

/** The peers: each with a name and a disk of its own, finding the others through the headless Service. */
export class PapersBlockchain extends NamespaceChart {
  constructor(scope: Construct, id: string, papers: Papers) {
    const { blockchain } = papers;
    super(scope, id, namespaceOf(blockchain));
    new Quota(this, 'namespace', { hard: blockchain.quota });
    new Traffic(this, 'traffic', { flows: papersFlows(papers) });
    const workload = new StatefulWorkload(this, blockchain.name, {
      replicas: blockchain.replicas,
      claims: [{ name: 'data', size: blockchain.storage, storageClass: blockchain.storageClass }],
      pod: papersPod({
        tier: blockchain,
        data: 'data',
        environment: {
          PEERS_SERVICE: blockchain.name,
          REPLICAS: String(blockchain.replicas),
          NAMESPACE: blockchain.name,
        },
      }),
    });
    new DisruptionBudget(workload, 'budget');
    new WorkloadService(workload, 'service', { ports: [PORT], headless: true });
  }
}

/** Who talks to whom: browsers to the page, the page to the API, the API to the peers, and the peers to each other. */
function papersFlows({ frontend, backend, blockchain }: Papers): readonly Flow[] {
  const [page, api, peers] = [frontend, backend, blockchain].map(({ name }) => podsOf(name, name));
  if (!page || !api || !peers) return [];
  const ports = [{ port: PAPERS_PORT }];
  return [
    { why: 'browsers, through the Ingress', from: [TRAEFIK], to: [page], ports },
    { why: 'the page asks the API', from: [page], to: [api], ports },
    { why: 'the API asks the peers', from: [api], to: [peers], ports },
    { why: 'peers gossip', from: [peers], to: [peers], ports },
    dnsFlow([page, api, peers]),
  ];
}

function namespaceOf({ name, namespaceLimits }: PapersTier) {
  return { namespace: name, limits: namespaceLimits };
}
