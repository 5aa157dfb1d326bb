import type { Profile } from '../../terminal/profile.js';
import { GPU } from '../../model/gpu.js';
import { ownImage } from '../../model/version.js';

const BASE = {
  image: ownImage('claudecode-sandbox'),
  internet: true,
  secrets: ['claude-credentials'],
} as const;

const LARGE = {
  requests: { cpu: '500m', memory: '4Gi', 'ephemeral-storage': '4Gi' },
  limits: { cpu: '4', memory: '16Gi', 'ephemeral-storage': '40Gi' },
  scratch: { home: '30Gi', tmp: '8Gi', run: '16Mi' },
} as const;

/** Requests stay small, so that joining GPU nodes fills all their cards within the same quota. */
const ON_GPU = {
  ...LARGE,
  requests: { ...LARGE.requests, cpu: '250m' },
} as const;

const GPU_NODE = { count: 1, runtimeClass: GPU.runtimeClass, toleration: GPU.taint } as const;

/** The shapes of sandbox on the k3s cluster. The GPU ones wait until a node with such a card has joined. */
export const PROFILES: readonly Profile[] = [
  {
    ...BASE,
    name: 'small',
    title: 'Small',
    description: '2 CPUs, 4 GiB of memory, 8 GiB of files.',
    default: true,
    requests: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    limits: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' },
    scratch: { home: '8Gi', tmp: '1Gi', run: '16Mi' },
  },
  {
    ...BASE,
    ...LARGE,
    name: 'large',
    title: 'Large',
    description: '4 CPUs, 16 GiB of memory, 30 GiB of files.',
  },
  {
    ...BASE,
    ...ON_GPU,
    name: 'gpu-t4',
    title: 'GPU: T4',
    description: 'One NVIDIA T4 (inference), 4 CPUs, 16 GiB of memory, 30 GiB of files.',
    gpu: { ...GPU_NODE, product: 'T4' },
  },
  {
    ...BASE,
    ...ON_GPU,
    name: 'gpu-a2',
    title: 'GPU: A2',
    description: 'One NVIDIA A2 (auxiliary), 4 CPUs, 16 GiB of memory, 30 GiB of files.',
    gpu: { ...GPU_NODE, product: 'A2' },
  },
];
