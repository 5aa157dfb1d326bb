import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-30';
import { CustomResource } from '../constructs/custom-resource.js';
import type { Platform } from './platform.js';
import { partLabels } from './platform.js';

/** Where every secret of the platform comes from. */
export const SECRET_STORE = 'aws-secrets-manager';

/**
 * What belongs to no namespace: the default StorageClass, and the secret store. The store has no credentials in it: its
 * operator uses the instance role of its node, as this is no managed cluster with roles for ServiceAccounts.
 */
export class ClusterChart extends Chart {
  constructor(scope: Construct, id: string, { platform }: { readonly platform: Platform }) {
    super(scope, id, { labels: partLabels(platform, 'infrastructure', 'cluster') });
    new k8s.KubeStorageClass(this, 'storage-class', {
      metadata: {
        name: platform.storageClass,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', fsType: 'ext4' },
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
    });
    new CustomResource(this, 'secret-store', 'ClusterSecretStore', {
      metadata: { name: SECRET_STORE },
      spec: { provider: { aws: { service: 'SecretsManager', region: platform.provider.region } } },
    });
  }
}
