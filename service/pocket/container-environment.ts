import { delimiter } from 'node:path';
import { type KubeObject, recordOf } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import type { Container, Pod } from './pod.js';
import { CONFIG_MAPS, SECRETS } from './resource-kind.js';

/** The variables that a Pod gives a container, or why they cannot be made (CreateContainerConfigError). */
export interface DeclaredEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** @default none */
  readonly problem?: string;
}

/** What the Pod says: envFrom, then env, with `$(NAME)` replaced. */
export function declaredEnvironment(store: ObjectStore, pod: Pod, container: Container): DeclaredEnvironment {
  const variables: Record<string, string> = {};
  const namespace = pod.metadata.namespace ?? '';
  for (const { prefix = '', secretRef, configMapRef } of container.envFrom ?? []) {
    for (const [kind, reference] of [
      ['secret', secretRef],
      ['configmap', configMapRef],
    ] as const) {
      if (reference === undefined) continue;
      const data = dataOf(store, kind, namespace, reference.name);
      if (data === undefined && reference.optional !== true)
        return { variables, problem: `${kind} "${reference.name}" not found` };
      for (const [name, value] of Object.entries(data ?? {})) variables[`${prefix}${name}`] = value;
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables[name] = expand(value ?? '', variables);
      continue;
    }
    const field = valueFrom.fieldRef?.fieldPath;
    if (field !== undefined) variables[name] = fieldOf(pod, field);
    for (const [kind, reference] of [
      ['secret', valueFrom.secretKeyRef],
      ['configmap', valueFrom.configMapKeyRef],
    ] as const) {
      if (reference === undefined) continue;
      const data = dataOf(store, kind, namespace, reference.name);
      const found = data?.[reference.key];
      if (found !== undefined) variables[name] = found;
      else if (reference.optional !== true) {
        const problem =
          data === undefined
            ? `${kind} "${reference.name}" not found`
            : `couldn't find key ${reference.key} in ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${namespace}/${reference.name}`;
        return { variables, problem };
      }
    }
  }
  return { variables };
}

/** Nothing of this machine's environment but what programs cannot do without; the image comes first on PATH. */
export function processEnvironment(props: {
  readonly declared: Readonly<Record<string, string>>;
  readonly image: string;
  readonly home: string;
  readonly host: Readonly<Record<string, string | undefined>>;
}): Record<string, string> {
  const { declared, image, home, host } = props;
  const path = [image, declared['PATH'], host['PATH']].filter((part) => part !== undefined && part !== '');
  const kept = Object.fromEntries(
    ['LANG', 'TZ'].flatMap((name) => {
      const value = host[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ) as Record<string, string>;
  return { ...kept, HOME: home, ...declared, PATH: path.join(delimiter) };
}

/** Replaces `$(NAME)` by the variable's value, as the kubelet does for env, command and args; `$$` is one `$`. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][-A-Za-z0-9_.]*)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? all),
  );
}

/** A Secret's or ConfigMap's entries as text; `undefined` when it does not exist. */
export function dataOf(
  store: ObjectStore,
  kind: 'secret' | 'configmap',
  namespace: string,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const object: KubeObject | undefined = store.get(kind === 'secret' ? SECRETS : CONFIG_MAPS, namespace, name);
  if (object === undefined) return undefined;
  const entries = Object.entries(recordOf(object['data'])).map(([key, value]) => {
    const text = typeof value === 'string' ? value : '';
    return [key, kind === 'secret' ? Buffer.from(text, 'base64').toString() : text] as const;
  });
  return { ...Object.fromEntries(entries), ...(recordOf(object['stringData']) as Record<string, string>) };
}

function fieldOf(pod: Pod, path: string): string {
  const map = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (map !== null) return pod.metadata[map[1] as 'labels' | 'annotations']?.[map[2] ?? ''] ?? '';
  const value = path.split('.').reduce<unknown>((part, name) => recordOf(part)[name], pod);
  return typeof value === 'string' ? value : '';
}
