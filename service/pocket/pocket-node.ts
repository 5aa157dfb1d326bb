import { statfsSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { type Manifest, timestamp } from './kube-object.js';

/** The one node of the cluster. */
export interface PocketNode {
  /** @default 'pocket' */
  readonly name?: string;
  /** @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Quantities that replace the defaults. @default this machine's cores, memory and temporary disk, 110 Pods, no GPU */
  readonly allocatable?: Readonly<Record<string, string>>;
}

/** The node as the API shows it. */
export function nodeObject({ name = 'pocket', labels, taints = [], allocatable }: PocketNode): Manifest {
  const disk = statfsSync(tmpdir());
  const machine = {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
    pods: '110',
  };
  const all = { ...machine, ...allocatable };
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
    spec: { taints },
    status: { capacity: all, allocatable: all, conditions: [{ ...ready, lastTransitionTime: timestamp() }] },
  };
}
