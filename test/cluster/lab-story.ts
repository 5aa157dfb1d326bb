import { randomBytes } from 'node:crypto';
import type { Lab } from './lab.js';
import { IMAGES } from './lab-images.js';
import { openLab } from './lab-record.js';

/** A Pod that sleeps, with a shell and the `host` program in it, or answers over HTTP. */
export interface Probe {
  readonly name: string;
  /** @default wherever the scheduler likes */
  readonly node?: string;
  /** @default asleep */
  readonly answering?: boolean;
  /** How many GPUs to ask for. @default none */
  readonly gpus?: number;
}

/** The security context that Pod Security `restricted` asks of a container. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  runAsUser: 1000,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A probe as the API wants it; it conforms to Pod Security `restricted`, and tolerates the GPU nodes' taint. */
export function probePod({ name, node, answering = false, gpus }: Probe): object {
  const container = {
    name: 'probe',
    image: IMAGES.probe,
    imagePullPolicy: 'Never',
    command: answering ? ['host', 'answer', ':8080'] : ['/bin/sh', '-c', 'sleep 3600 & wait'],
    securityContext: RESTRICTED,
    ...(gpus === undefined ? {} : { resources: { limits: { 'nvidia.com/gpu': String(gpus) } } }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { probe: name } },
    spec: {
      containers: [container],
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      terminationGracePeriodSeconds: 0,
      ...(gpus === undefined ? {} : { runtimeClassName: 'nvidia' }),
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
    },
  };
}

/** A namespace of a story's own in the lab. */
export class LabStory {
  private constructor(
    readonly lab: Lab,
    readonly namespace: string,
  ) {}

  /** Makes the namespace, with these labels; the lab is the one that `npm run test:cluster` names. */
  static async begin(labels: Readonly<Record<string, string>> = {}): Promise<LabStory> {
    const lab = await openLab(process.env['BERTH_LAB']);
    if (lab === undefined) throw new Error('no lab runs: use `npm run test:cluster`');
    const namespace = `story-${randomBytes(4).toString('hex')}`;
    const story = new LabStory(lab, namespace);
    await story.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    return story;
  }

  /** Deletes the namespace and all in it. */
  async end(): Promise<void> {
    await this.lab.kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
  }

  /** Runs kubectl in the story's namespace. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return this.lab.kubectl(['-n', this.namespace, ...args]);
  }

  /** Server-side apply with strict validation. */
  async apply(...objects: readonly object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.lab.kubectl(['-n', this.namespace, 'apply', '--server-side', '--validate=strict', '-f', '-'], { input });
  }

  /** Starts probes and waits until they are Ready. */
  async probes(...probes: readonly Probe[]): Promise<void> {
    await this.apply(...probes.map(probePod));
    const names = probes.map(({ name }) => `pod/${name}`);
    await this.kubectl('wait', '--for=condition=Ready', '--timeout=60s', ...names);
  }

  /** What a probe is answered; throws with the reason when it is not. */
  async ask(probe: string, url: string): Promise<string> {
    return this.kubectl('exec', probe, '--', 'host', 'ask', url);
  }

  /** A Pod's address. */
  async addressOf(probe: string): Promise<string> {
    return this.kubectl('get', 'pod', probe, '-o', 'jsonpath={.status.podIP}');
  }
}
