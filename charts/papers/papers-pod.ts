import { k8s } from 'cdk8s-plus-30';
import { httpProbes } from '../constructs/http-probes.js';
import { quantities } from '../constructs/quantities.js';
import { restrictedContainer, restrictedPod } from '../constructs/restricted.js';
import { pullPolicy } from '../model/image.js';
import type { PapersTier } from './papers.js';
import { PAPERS_PORT } from './papers.js';

export interface PapersPodProps {
  readonly tier: PapersTier;
  /** Environment by name. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Name of the claim, or of the claim template, that is mounted at /data. @default it keeps nothing */
  readonly data?: string;
  /** Volumes that are not made by a claim template. @default none */
  readonly volumes?: k8s.Volume[];
}

/** The Pod of a tier: one HTTP server on 8080 that answers /healthz and may write to /data and /tmp. */
export function papersPod({ tier, environment = {}, data, volumes = [] }: PapersPodProps): k8s.PodSpec {
  return restrictedPod({
    terminationGracePeriodSeconds: 15,
    containers: [
      restrictedContainer({
        name: tier.name,
        image: tier.image,
        imagePullPolicy: pullPolicy(tier.image),
        ports: [{ name: 'http', containerPort: PAPERS_PORT }],
        env: Object.entries({ PORT: String(PAPERS_PORT), ...environment }).map(([name, value]) => ({ name, value })),
        ...httpProbes({ port: 'http' }),
        resources: { requests: quantities(tier.requests), limits: quantities(tier.limits) },
        volumeMounts: [
          ...(data === undefined ? [] : [{ name: data, mountPath: '/data' }]),
          { name: 'tmp', mountPath: '/tmp' },
        ],
      }),
    ],
    volumes: [...volumes, { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('32Mi') } }],
  });
}
