import type { NamespaceLimits } from '../../constructs/namespace-guard.js';
import type { Papers } from '../../papers/papers.js';
import { ownImage } from '../../model/version.js';

const SIZE = {
  requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '32Mi' },
  limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '128Mi' },
} as const;

const NAMESPACE_LIMITS: NamespaceLimits = {
  defaultRequest: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '32Mi' },
  default: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '128Mi' },
  max: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '2Gi' },
  maxClaim: '20Gi',
};

const QUOTA = {
  pods: '6',
  'requests.cpu': '400m',
  'requests.memory': '1Gi',
  'limits.cpu': '4',
  'limits.memory': '4Gi',
} as const;

const STORAGE = { 'requests.storage': '60Gi', persistentvolumeclaims: '6' } as const;

/** The Papers application. The images are small stand-ins until the application brings its own. */
export const PAPERS: Papers = {
  frontend: {
    ...SIZE,
    name: 'papers-frontend',
    image: ownImage('papers-frontend'),
    replicas: 2,
    ingressClass: 'traefik',
    quota: { ...QUOTA, persistentvolumeclaims: '0' },
    namespaceLimits: NAMESPACE_LIMITS,
  },
  backend: {
    ...SIZE,
    name: 'papers-backend',
    image: ownImage('papers-backend'),
    replicas: 1,
    storage: '5Gi',
    storageClass: 'local-path',
    quota: { ...QUOTA, ...STORAGE },
    namespaceLimits: NAMESPACE_LIMITS,
  },
  blockchain: {
    ...SIZE,
    name: 'papers-blockchain',
    image: ownImage('papers-blockchain'),
    replicas: 3,
    storage: '10Gi',
    storageClass: 'local-path',
    quota: { ...QUOTA, ...STORAGE },
    namespaceLimits: NAMESPACE_LIMITS,
  },
};
