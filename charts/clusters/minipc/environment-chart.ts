import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { Autoscaler } from '../../constructs/autoscaler.js';
import { DisruptionBudget } from '../../constructs/disruption-budget.js';
import { HttpIngress } from '../../constructs/http-ingress.js';
import { NamespaceChart } from '../../constructs/namespace-chart.js';
import { probes } from '../../constructs/probes.js';
import { quantities } from '../../constructs/quantities.js';
import { Quota } from '../../constructs/quota.js';
import { dnsFlow, TRAEFIK } from '../../constructs/reach.js';
import { restrictedContainer, restrictedPod, runningAs } from '../../constructs/restricted.js';
import { StatefulWorkload } from '../../constructs/stateful-workload.js';
import type { Flow } from '../../constructs/traffic.js';
import { podsOf, Traffic } from '../../constructs/traffic.js';
import { Workload } from '../../constructs/workload.js';
import { WorkloadService } from '../../constructs/workload-service.js';
import type { MiniApp, MiniEnvironment } from './minipc.js';

/** An environment of the mini PC: closed but for what its apps call, and never more than its quota of the node. */
export class EnvironmentChart extends NamespaceChart {
  constructor(scope: Construct, id: string, environment: MiniEnvironment) {
    const { name, quota, apps } = environment;
    super(scope, id, {
      namespace: name,
      labels: { environment: name },
      limits: {
        defaultRequest: { cpu: '50m', memory: '128Mi' },
        default: { cpu: '500m', memory: '256Mi' },
        max: { cpu: '2', memory: '2Gi' },
        maxClaim: '20Gi',
      },
    });
    new Quota(this, 'namespace', { hard: quota });
    new Traffic(this, 'traffic', { flows: flowsOf(environment) });
    for (const app of apps) this.add(app);
  }

  private add(app: MiniApp): void {
    const { name, port, disk, most, host } = app;
    const pod = podOf(app);
    const workload = disk
      ? new StatefulWorkload(this, name, {
          replicas: 1,
          claims: [{ name: 'data', size: disk.size, storageClass: 'local-path' }],
          pod,
        })
      : new Workload(this, name, { ...(most === undefined && { replicas: 1 }), pod });
    new WorkloadService(workload, 'service', { ports: [{ name: 'main', port }] });
    new DisruptionBudget(workload, 'budget');
    if (most !== undefined) new Autoscaler(workload, 'autoscaler', { min: 1, max: most });
    if (host !== undefined && workload instanceof Workload)
      new HttpIngress(workload, 'ingress', { className: 'traefik', port: 'main', host });
  }
}

function podOf({ name, image, user, port, cpu, memory, disk, secrets = [] }: MiniApp): k8s.PodSpec {
  return restrictedPod({
    securityContext: runningAs(user),
    containers: [
      restrictedContainer({
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        ports: [{ name: 'main', containerPort: port }],
        env: secrets.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } })),
        ...probes({ check: { tcp: 'main' }, startSeconds: 180 }),
        resources: { requests: quantities({ cpu, memory }), limits: quantities({ cpu: '1', memory }) },
        volumeMounts: [
          ...(disk ? [{ name: 'data', mountPath: disk.path }] : []),
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'run', mountPath: '/var/run' },
        ],
      }),
    ],
    volumes: ['tmp', 'run'].map((scratch) => ({
      name: scratch,
      emptyDir: { sizeLimit: k8s.Quantity.fromString('128Mi') },
    })),
  });
}

function flowsOf({ name: namespace, apps }: MiniEnvironment): readonly Flow[] {
  const all = apps.map(({ name }) => podsOf(namespace, name));
  return [
    ...apps.flatMap(({ name, calls = [] }) =>
      apps
        .filter((called) => calls.includes(called.name))
        .map((called) => ({
          why: `${name} calls ${called.name}`,
          from: [podsOf(namespace, name)],
          to: [podsOf(namespace, called.name)],
          ports: [{ port: called.port }],
        })),
    ),
    ...apps
      .filter(({ host }) => host !== undefined)
      .map(({ name, port }) => ({
        why: 'browsers, through the Ingress',
        from: [TRAEFIK],
        to: [podsOf(namespace, name)],
        ports: [{ port }],
      })),
    dnsFlow(all),
  ];
}
