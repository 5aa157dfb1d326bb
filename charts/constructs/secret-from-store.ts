import type { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { CustomResource } from './custom-resource.js';
import { labelsOf } from './labels.js';

export interface SecretFromStoreProps {
  /** The ClusterSecretStore. */
  readonly store: string;
  /** Where the values are in it, e.g. `eco2/dev/chat`: one entry with a property for each key. */
  readonly path: string;
  /** Keys of the Secret, each a property of the entry. */
  readonly keys: readonly string[];
  /** @default Opaque */
  readonly type?: string;
}

/**
 * A Secret whose values stay in the secret store: the External Secrets operator makes it and renews it every hour. Its
 * construct id is the Secret's name.
 */
export class SecretFromStore extends Construct {
  readonly name: string;
  private readonly keys: readonly string[];

  constructor(scope: Construct, name: string, { store, path, keys, type = 'Opaque' }: SecretFromStoreProps) {
    super(scope, name);
    const labels = labelsOf(this, name);
    this.name = name;
    this.keys = keys;
    new CustomResource(this, 'secret', 'ExternalSecret', {
      metadata: { name, labels },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { kind: 'ClusterSecretStore', name: store },
        target: { name, creationPolicy: 'Owner', template: { type, metadata: { labels } } },
        data: keys.map((key) => ({ secretKey: key, remoteRef: { key: path, property: key } })),
      },
    });
  }

  /** Values as variables of a container. @default all of them */
  variables(keys: readonly string[] = this.keys): k8s.EnvVar[] {
    return keys.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: this.name, key } } }));
  }
}
