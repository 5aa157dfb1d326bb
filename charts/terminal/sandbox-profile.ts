import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf } from '../constructs/labels.js';
import { quantities } from '../constructs/quantities.js';
import { restrictedContainer, restrictedPod } from '../constructs/restricted.js';
import { spread } from '../constructs/spread.js';
import { GPU } from '../model/gpu.js';
import { pullPolicy } from '../model/image.js';
import type { GpuClaim, Profile } from './profile.js';
import { BERTH, SANDBOX_NAME, SANDBOX_PRIORITY } from './sandboxes.js';
import type { SandboxData } from './terminal.js';

const KEEPER_RUN = '/run/keeper';
const TERMINATION_LOG = '/dev/termination-log';

export interface SandboxProfileProps {
  readonly profile: Profile;
  readonly sandboxes: SandboxData;
}

/**
 * A profile as a PodTemplate, the only place where the shape of a sandbox exists: the bridge instantiates it and adds
 * who it is for.
 */
export class SandboxProfile extends Construct {
  constructor(scope: Construct, name: string, { profile, sandboxes }: SandboxProfileProps) {
    super(scope, name);
    new k8s.KubePodTemplate(this, 'template', {
      metadata: {
        name,
        labels: { ...labelsOf(this, SANDBOX_NAME), [BERTH.profile]: name },
        annotations: {
          [BERTH.title]: profile.title,
          [BERTH.description]: profile.description,
          ...(profile.default && { [BERTH.default]: 'true' }),
        },
      },
      template: {
        metadata: {
          labels: {
            ...labelsOf(this, SANDBOX_NAME),
            [BERTH.profile]: name,
            [BERTH.internet]: String(profile.internet),
          },
        },
        spec: sandboxPod(profile, sandboxes),
      },
    });
  }
}

function sandboxPod({ image, requests, limits, scratch, gpu, secrets = [] }: Profile, data: SandboxData): k8s.PodSpec {
  const volumes = [
    { name: 'home', mountPath: '/home/sandbox', size: scratch.home },
    { name: 'tmp', mountPath: '/tmp', size: scratch.tmp },
    { name: 'keeper', mountPath: KEEPER_RUN, size: scratch.run },
  ];
  const environment = {
    KEEPER_SOCKET: `${KEEPER_RUN}/keeper.sock`,
    KEEPER_SHELL: '/bin/bash',
    KEEPER_IDLE_SECONDS: data.idleSeconds,
    KEEPER_DEADLINE_SECONDS: data.deadlineSeconds,
    KEEPER_HOLD_SECONDS: data.holdSeconds,
    KEEPER_LOG_BYTES: data.logBytes,
    KEEPER_TERMINATION_LOG: TERMINATION_LOG,
  };
  return restrictedPod({
    restartPolicy: 'Never',
    priorityClassName: SANDBOX_PRIORITY,
    activeDeadlineSeconds: data.deadlineSeconds,
    terminationGracePeriodSeconds: 5,
    topologySpreadConstraints: spread(SANDBOX_NAME),
    ...(gpu && onGpuNode(gpu)),
    containers: [
      restrictedContainer({
        name: 'sandbox',
        image,
        imagePullPolicy: pullPolicy(image),
        args: ['keeper'],
        env: Object.entries(environment).map(([name, value]) => ({ name, value: String(value) })),
        ...(secrets.length > 0 && { envFrom: secrets.map((name) => ({ secretRef: { name, optional: true } })) }),
        resources: {
          requests: quantities(requests),
          limits: { ...quantities(limits), ...(gpu && { [GPU.resource]: k8s.Quantity.fromString(String(gpu.count)) }) },
        },
        terminationMessagePath: TERMINATION_LOG,
        terminationMessagePolicy: 'File',
        volumeMounts: volumes.map(({ name, mountPath }) => ({ name, mountPath })),
      }),
    ],
    volumes: volumes.map(({ name, size }) => ({ name, emptyDir: { sizeLimit: k8s.Quantity.fromString(size) } })),
  });
}

function onGpuNode({ product, runtimeClass, toleration }: GpuClaim): Partial<k8s.PodSpec> {
  return {
    runtimeClassName: runtimeClass,
    nodeSelector: { [GPU.presentLabel]: 'true', [GPU.productLabel]: product },
    tolerations: [{ key: toleration, operator: 'Exists' }],
  };
}
