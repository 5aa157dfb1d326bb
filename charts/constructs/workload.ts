import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from './labels.js';
import { spread } from './spread.js';

export interface WorkloadProps {
  readonly replicas: number;
  /** What one Pod is; see `restrictedPod`. */
  readonly pod: k8s.PodSpec;
  /** Labels of the Pods beside name and part-of. @default none */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** What a Deployment has beside what every workload has. */
export interface DeploymentProps extends WorkloadProps {
  /** `Recreate` for a Pod that must not meet its successor, e.g. over one volume. @default RollingUpdate: one more, none less */
  readonly strategy?: 'RollingUpdate' | 'Recreate';
}

/**
 * A workload whose Pods are alike: a Deployment, by default never below its replicas during a rollout. Its construct id is
 * the name of the Deployment and the scope of what belongs to it: Service, budget, Ingress.
 */
export class Workload extends Construct {
  readonly name: string;

  constructor(
    scope: Construct,
    name: string,
    { replicas, pod, podLabels, strategy = 'RollingUpdate' }: DeploymentProps,
  ) {
    super(scope, name);
    this.name = name;
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: { name, labels: labelsOf(name) },
      spec: {
        replicas,
        revisionHistoryLimit: 5,
        selector: { matchLabels: selectorOf(name) },
        strategy: {
          type: strategy,
          ...(strategy === 'RollingUpdate' && {
            rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
          }),
        },
        template: {
          metadata: { labels: { ...labelsOf(name), ...podLabels } },
          spec: { topologySpreadConstraints: spread(name), ...pod },
        },
      },
    });
  }
}
