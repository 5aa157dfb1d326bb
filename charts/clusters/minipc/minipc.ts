import type { Amounts } from '../../constructs/quantities.js';
import type { Cluster } from '../../model/cluster.js';
import { clusterData } from '../../nodes/cluster-data.js';
import { MINIPC_PLACEHOLDERS } from '../placeholders.js';
import { MINIPC_MACHINES } from './machines.js';

/** One environment of the mini PC: a namespace, a quota, and what runs in it. */
export interface MiniEnvironment {
  readonly name: 'dev' | 'staging' | 'prod';
  readonly quota: Amounts;
  readonly apps: readonly MiniApp[];
}

/** A workload of one Pod, or of as many as its autoscaler asks for. */
export interface MiniApp {
  readonly name: string;
  readonly image: string;
  /** The user that the image is built for. */
  readonly user: number;
  readonly port: number;
  readonly cpu: string;
  /** Requested, and the limit. */
  readonly memory: string;
  /** A disk of its own: where it is mounted and how large it is. @default it keeps nothing */
  readonly disk?: { readonly path: string; readonly size: string };
  /** Names of apps of the same environment. @default none */
  readonly calls?: readonly string[];
  /** Keys of the Secret `<name>` that the operator makes. @default none */
  readonly secrets?: readonly string[];
  /** Everything below / of this name, over the cluster's Ingress controller. @default not published */
  readonly host?: string;
  /** @default one Pod */
  readonly most?: number;
}

const { domain, registry } = MINIPC_PLACEHOLDERS;

const SPRING = { name: 'spring', image: `${registry}/spring-app:1.0.0`, user: 1000, port: 8080 } as const;
const NEXTJS = { name: 'nextjs', image: `${registry}/nextjs-app:1.0.0`, user: 1000, port: 3000 } as const;

/** The seed's eight Pods: the application three times, in each environment, and what it needs where it counts. */
export const ENVIRONMENTS: readonly MiniEnvironment[] = [
  {
    name: 'dev',
    quota: {
      pods: '6',
      'requests.cpu': '800m',
      'requests.memory': '4Gi',
      'limits.memory': '4Gi',
      'requests.storage': '10Gi',
    },
    apps: [
      { ...SPRING, cpu: '100m', memory: '512Mi' },
      { ...NEXTJS, cpu: '50m', memory: '256Mi', calls: ['spring'] },
      {
        name: 'jenkins',
        image: 'docker.io/jenkins/jenkins:2.516.2-lts',
        user: 1000,
        port: 8080,
        cpu: '250m',
        memory: '2Gi',
        disk: { path: '/var/jenkins_home', size: '10Gi' },
      },
    ],
  },
  {
    name: 'staging',
    quota: { pods: '4', 'requests.cpu': '400m', 'requests.memory': '2Gi', 'limits.memory': '2Gi' },
    apps: [
      { ...SPRING, cpu: '100m', memory: '512Mi' },
      { ...NEXTJS, cpu: '50m', memory: '256Mi', calls: ['spring'] },
    ],
  },
  {
    name: 'prod',
    quota: {
      pods: '14',
      'requests.cpu': '2',
      'requests.memory': '9Gi',
      'limits.memory': '9Gi',
      'requests.storage': '60Gi',
    },
    apps: [
      {
        name: 'nginx',
        image: 'docker.io/nginxinc/nginx-unprivileged:1.29.1',
        user: 101,
        port: 8080,
        cpu: '50m',
        memory: '256Mi',
        calls: ['nextjs', 'spring'],
        host: domain,
      },
      { ...NEXTJS, cpu: '100m', memory: '512Mi', calls: ['spring'] },
      { ...SPRING, cpu: '250m', memory: '1Gi', calls: ['mysql', 'redis'], most: 2 },
      {
        name: 'mysql',
        image: 'docker.io/library/mysql:8.4.6',
        user: 999,
        port: 3306,
        cpu: '250m',
        memory: '2Gi',
        disk: { path: '/var/lib/mysql', size: '20Gi' },
        secrets: ['MYSQL_ROOT_PASSWORD'],
      },
      {
        name: 'redis',
        image: 'docker.io/library/redis:8.2.1',
        user: 999,
        port: 6379,
        cpu: '50m',
        memory: '512Mi',
        disk: { path: '/data', size: '5Gi' },
      },
      {
        name: 'prometheus',
        image: 'quay.io/prometheus/prometheus:v3.5.0',
        user: 1000,
        port: 9090,
        cpu: '100m',
        memory: '1Gi',
        disk: { path: '/prometheus', size: '20Gi' },
        calls: ['spring'],
      },
      {
        name: 'grafana',
        image: 'docker.io/grafana/grafana:12.1.1',
        user: 472,
        port: 3000,
        cpu: '50m',
        memory: '512Mi',
        disk: { path: '/var/lib/grafana', size: '5Gi' },
        calls: ['prometheus'],
      },
    ],
  },
];

/** One mini PC, master and worker, with k3s. */
export const MINIPC: Cluster = {
  ...clusterData(MINIPC_MACHINES),
  external: [
    { kind: 'Namespace', name: 'kube-system', from: 'Kubernetes' },
    { kind: 'IngressClass', name: 'traefik', from: 'k3s' },
    { kind: 'StorageClass', name: 'local-path', from: 'k3s' },
    { kind: 'Secret', namespace: 'prod', name: 'mysql', from: 'the operator: kubectl create secret' },
  ],
};
