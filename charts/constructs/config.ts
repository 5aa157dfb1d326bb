import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { labelsOf } from './labels.js';

export interface ConfigProps {
  /** Settings that containers take as environment variables. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings that containers read as files, by file name. @default none */
  readonly files?: Readonly<Record<string, string>>;
}

/** Settings that are no secret: a ConfigMap whose construct id is its name. */
export class Config extends Construct {
  readonly name: string;
  /** Changes with the settings; on a Pod template it makes a change of them a rollout. */
  readonly version: string;
  private readonly keys: readonly string[];
  private readonly files: readonly string[];

  constructor(scope: Construct, name: string, { environment = {}, files = {} }: ConfigProps) {
    super(scope, name);
    const data = { ...environment, ...files };
    this.name = name;
    this.version = fingerprint(JSON.stringify(data));
    this.keys = Object.keys(environment);
    this.files = Object.keys(files);
    new k8s.KubeConfigMap(this, 'config', { metadata: { name, labels: labelsOf(this, name) }, data });
  }

  /** The settings as variables of a container. */
  variables(): k8s.EnvVar[] {
    return this.keys.map((key) => ({ name: key, valueFrom: { configMapKeyRef: { name: this.name, key } } }));
  }

  /** The files as a volume. */
  volume(): k8s.Volume {
    return { name: 'config', configMap: { name: this.name, items: this.files.map((key) => ({ key, path: key })) } };
  }
}

/** FNV-1a, 32 bits: tells settings apart, protects nothing. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
