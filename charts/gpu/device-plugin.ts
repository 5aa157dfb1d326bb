import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf, selectorOf } from '../constructs/labels.js';
import type { Amounts } from '../constructs/quantities.js';
import { quantities } from '../constructs/quantities.js';
import { GPU } from '../model/gpu.js';
import { isPinnedImage, PINNED_IMAGE_RULE, pullPolicy } from '../model/image.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';

/** NVIDIA's device plugin, which tells the kubelet of a GPU node about its cards. */
export interface DevicePluginData {
  /** Off: a cluster without GPUs, or one where NVIDIA's GPU operator brings its own. */
  readonly enabled: boolean;
  readonly image: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Everything wrong with the device plugin's data. */
export function checkDevicePlugin({ image }: DevicePluginData): readonly Problem[] {
  const findings = new Findings();
  findings.need(isPinnedImage(image), 'image', image, PINNED_IMAGE_RULE);
  return findings.problems;
}

const PLUGIN_DIRECTORY = '/var/lib/kubelet/device-plugins';

/**
 * NVIDIA's static DaemonSet with what it lacks on k3s: the RuntimeClass (runc stays the default there), a node selector
 * and resources. It needs a host path, which Pod Security `restricted` and `baseline` refuse, so it lives in kube-system,
 * which k3s leaves privileged. Without a GPU node it has no Pods and its image is never pulled.
 */
export class DevicePlugin extends Construct {
  constructor(scope: Construct, name: string, { image, requests, limits }: DevicePluginData) {
    super(scope, name);
    new k8s.KubeDaemonSet(this, 'daemon-set', {
      metadata: { name, labels: labelsOf(this, name) },
      spec: {
        selector: { matchLabels: selectorOf(name) },
        updateStrategy: { type: 'RollingUpdate' },
        template: {
          metadata: { labels: labelsOf(this, name) },
          spec: {
            runtimeClassName: GPU.runtimeClass,
            nodeSelector: { [GPU.presentLabel]: 'true' },
            tolerations: [{ key: GPU.taint, operator: 'Exists' }],
            priorityClassName: 'system-node-critical',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            containers: [
              {
                name: 'device-plugin',
                image,
                imagePullPolicy: pullPolicy(image),
                // A node whose driver is not up yet keeps the Pod waiting instead of restarting.
                env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
                resources: { requests: quantities(requests), limits: quantities(limits) },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                  seccompProfile: { type: 'RuntimeDefault' },
                },
                volumeMounts: [{ name: 'device-plugins', mountPath: PLUGIN_DIRECTORY }],
              },
            ],
            volumes: [{ name: 'device-plugins', hostPath: { path: PLUGIN_DIRECTORY, type: 'Directory' } }],
          },
        },
      },
    });
  }
}
