import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { Autoscaler } from '../constructs/autoscaler.js';
import type { Config } from '../constructs/config.js';
import { DisruptionBudget } from '../constructs/disruption-budget.js';
import { Monitor } from '../constructs/monitor.js';
import { probes } from '../constructs/probes.js';
import { blueGreen, canary, previewOf } from '../constructs/progressive.js';
import { quantities } from '../constructs/quantities.js';
import { restrictedContainer, restrictedPod } from '../constructs/restricted.js';
import type { SecretFromStore } from '../constructs/secret-from-store.js';
import { VerticalAutoscaler } from '../constructs/vertical-autoscaler.js';
import type { DeploymentProps } from '../constructs/workload.js';
import { Workload } from '../constructs/workload.js';
import { WorkloadService } from '../constructs/workload-service.js';
import { pullPolicy } from '../model/image.js';
import type { App } from './app.js';
import { canaryName, METRICS_PORT } from './app.js';
import { routeNames } from './app-route.js';
import { placed } from './placement.js';
import type { Platform, Size } from './platform.js';

export interface AppWorkloadProps {
  readonly platform: Platform;
  readonly app: App;
  readonly config: Config;
  /** @default it has no secrets */
  readonly secret?: SecretFromStore;
}

const METRICS = { name: 'http-metrics', port: METRICS_PORT } as const;

/** An app of the platform's table: its workload, or two versions of it, with all that belongs to it. */
export class AppWorkload extends Construct {
  constructor(scope: Construct, props: AppWorkloadProps) {
    const { app } = props;
    super(scope, `${app.name}-app`);
    const { name, tier, release, scale, vertical } = app;
    const ports = Object.entries(app.ports ?? {}).map(([kind, port]) => ({ name: kind, port }));
    const versions = typeof release === 'object' && 'versions' in release ? release.versions : undefined;
    const shared = { labels: { tier }, podAnnotations: podAnnotations(props) };
    const workload = new Workload(this, name, {
      ...shared,
      ...('replicas' in scale && { replicas: scale.replicas }),
      strategy: strategyOf(app),
      ...(versions && { track: { app: name, version: versions[0] } }),
      pod: appPod(props, app.image),
    });
    new WorkloadService(workload, 'service', { ports: [...ports, METRICS] });
    new Monitor(workload, 'monitor');
    new DisruptionBudget(workload, 'budget');
    if ('max' in scale) new Autoscaler(workload, 'autoscaler', scale);
    if (vertical)
      new VerticalAutoscaler(workload, 'vertical', {
        mode: vertical,
        min: LEAST,
        max: { cpu: app.limits['cpu'] ?? '', memory: app.limits['memory'] ?? '' },
      });
    if (release === 'BlueGreen') new WorkloadService(workload, 'preview', { name: previewOf(name), ports });
    if (versions && app.canary)
      new Workload(this, canaryName(name, versions[1]), {
        ...shared,
        replicas: 1,
        track: { app: name, version: versions[1] },
        pod: appPod(props, app.canary.image),
      });
  }
}

const LEAST = { cpu: '25m', memory: '64Mi' } as const;

function strategyOf(app: App): NonNullable<DeploymentProps['strategy']> {
  const { name, release } = app;
  if (release === 'RollingUpdate' || release === 'Recreate') return release;
  if (release === 'BlueGreen') return blueGreen(name);
  if ('versions' in release) return 'RollingUpdate';
  return canary({ ...routeNames(app), weights: release.steps });
}

/** What a Pod tells the mesh about itself, and the settings that it was started with. */
function podAnnotations({ platform, config }: AppWorkloadProps): Record<string, string> {
  const { requests, limits } = platform.sidecar;
  return {
    'berth.dev/config': config.version,
    'sidecar.istio.io/proxyCPU': requests['cpu'] ?? '',
    'sidecar.istio.io/proxyCPULimit': limits['cpu'] ?? '',
    'sidecar.istio.io/proxyMemory': requests['memory'] ?? '',
    'sidecar.istio.io/proxyMemoryLimit': limits['memory'] ?? '',
    // Prometheus has no certificate of the mesh; a policy opens this port to it alone.
    'traffic.sidecar.istio.io/excludeInboundPorts': String(METRICS_PORT),
  };
}

function appPod({ platform, app, config, secret }: AppWorkloadProps, image: string): k8s.PodSpec {
  const ports = { ...app.ports, 'http-metrics': METRICS_PORT };
  return restrictedPod({
    ...placed(platform, app.tier),
    terminationGracePeriodSeconds: 40,
    containers: [
      restrictedContainer({
        name: app.name,
        image,
        imagePullPolicy: pullPolicy(image),
        ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
        env: [...config.variables(), ...(secret?.variables(app.secrets ?? []) ?? [])],
        ...probes({ check: app.check }),
        // Clients learn that a Pod goes a moment after it is told to.
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        resources: resourcesOf(app),
        volumeMounts: [
          { name: 'config', mountPath: '/etc/eco2', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      }),
    ],
    volumes: [config.volume(), { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('128Mi') } }],
  });
}

/** A size as a container has it. */
export function resourcesOf({ requests, limits }: Size): k8s.ResourceRequirements {
  return { requests: quantities(requests), limits: quantities(limits) };
}
