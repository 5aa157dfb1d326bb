import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import type { RolloutSpec } from '../../imports/types/argoproj.io/Rollout.js';
import { CustomResource } from './custom-resource.js';
import { labelsOf, selectorOf } from './labels.js';
import type { ProgressiveStrategy } from './progressive.js';
import { spread } from './spread.js';

export interface WorkloadProps {
  /** @default none: its autoscaler decides */
  readonly replicas?: number;
  /** What one Pod is; see `restrictedPod`. */
  readonly pod: k8s.PodSpec;
  /** Labels of the workload, its Pods and its parts, over those of its chart. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels of the Pods beside name and part-of. @default none */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly podAnnotations?: Readonly<Record<string, string>>;
}

/** What a Deployment has beside what every workload has. */
export interface DeploymentProps extends WorkloadProps {
  /**
   * `Recreate` for a Pod that must not meet its successor, e.g. over one volume. A progressive strategy makes it a Rollout,
   * which Argo Rollouts carries out. @default RollingUpdate: one more, none less
   */
  readonly strategy?: 'RollingUpdate' | 'Recreate' | ProgressiveStrategy;
  /** One of several versions that serve side by side behind the Service of `app`. @default the only one */
  readonly track?: Track;
}

/** A version of an application, as its Pods' label `version` says it. */
export interface Track {
  readonly app: string;
  readonly version: string;
}

/** What autoscalers name as their target. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * A workload whose Pods are alike: a Deployment, by default never below its replicas during a rollout, or a Rollout. Its
 * construct id is its name and the scope of what belongs to it: Service, budget, autoscaler, monitor, Ingress.
 */
export class Workload extends Construct {
  readonly name: string;
  /** On everything that belongs to it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Finds its Pods and no others. */
  readonly selector: Readonly<Record<string, string>>;
  readonly target: ScaleTarget;

  constructor(scope: Construct, name: string, props: DeploymentProps) {
    super(scope, name);
    const { replicas, pod, track, strategy = 'RollingUpdate' } = props;
    const app = track?.app ?? name;
    const version = track && { version: track.version };
    this.name = name;
    this.labels = { ...labelsOf(this, app), ...props.labels };
    this.selector = { ...selectorOf(app), ...version };
    const metadata = { name, labels: { ...this.labels } };
    const spec: k8s.DeploymentSpec = {
      ...(replicas !== undefined && { replicas }),
      revisionHistoryLimit: 5,
      selector: { matchLabels: { ...this.selector } },
      ...(typeof strategy === 'string' && { strategy: deploymentStrategy(strategy) }),
      template: {
        metadata: {
          labels: { ...this.labels, ...version, ...props.podLabels },
          ...(props.podAnnotations && { annotations: { ...props.podAnnotations } }),
        },
        spec: { topologySpreadConstraints: spread(app), ...pod },
      },
    };
    if (typeof strategy === 'string') {
      const deployment = new k8s.KubeDeployment(this, 'deployment', { metadata, spec });
      this.target = { apiVersion: deployment.apiVersion, kind: deployment.kind, name };
    } else {
      // A Rollout is a Deployment with another strategy; the typed Deployment writes quantities and ports as they must be.
      const plain = k8s.KubeDeployment.manifest({ spec }) as { readonly spec: RolloutSpec };
      const rollout = new CustomResource(this, 'rollout', 'Rollout', { metadata, spec: { ...plain.spec, strategy } });
      this.target = { apiVersion: rollout.apiVersion, kind: rollout.kind, name };
    }
  }
}

function deploymentStrategy(type: 'RollingUpdate' | 'Recreate'): k8s.DeploymentStrategy {
  if (type === 'Recreate') return { type };
  return {
    type,
    rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
  };
}
