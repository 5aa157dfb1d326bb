import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataOf, declaredEnvironment, expand, processEnvironment } from './container-environment.js';
import { ContainerPaths, type Mount } from './container-paths.js';
import type { ObjectStore } from './object-store.js';
import type { Container, Pod } from './pod.js';
import type { ProcessTable } from './process-table.js';
import type { SandboxContainerProps } from './sandbox-container.js';

/** Why a container waits: the reason and the words of its `waiting` state. */
export class SetupError extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a container is set up from. */
export interface SetupProps {
  readonly store: ObjectStore;
  readonly pod: Pod;
  readonly container: Container;
  /** The image's folder of executables. */
  readonly image: string;
  /** The Pod's own folder; short, since unix sockets below it must stay under 104 bytes. */
  readonly folder: string;
  readonly table: ProcessTable;
  readonly host: Readonly<Record<string, string | undefined>>;
}

/** Makes a container's folders and translates what the Pod says to this machine. @throws SetupError */
export async function setUpContainer(props: SetupProps): Promise<SandboxContainerProps> {
  const { store, pod, container, folder } = props;
  const { variables, problem } = declaredEnvironment(store, pod, container);
  if (problem !== undefined) throw new SetupError('CreateContainerConfigError', problem);
  const index = pod.spec.containers.indexOf(container);
  const home = join(folder, `h${index}`);
  const terminationMessageFile = join(folder, `t${index}`);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(terminationMessageFile, '', { mode: 0o600 });
  const paths = new ContainerPaths(await mountVolumes(props), {
    [container.terminationMessagePath ?? '/dev/termination-log']: terminationMessageFile,
  });
  const declared = Object.fromEntries(
    Object.entries({ HOSTNAME: pod.metadata.name, ...variables }).map(([name, value]) => [
      name,
      paths.translate(value),
    ]),
  );
  const words = [...(container.command ?? []), ...(container.args ?? [])].map((word) =>
    paths.translate(expand(word, variables)),
  );
  const [file, ...args] = words;
  if (file === undefined) throw new SetupError('CreateContainerError', 'no command specified');
  return {
    id: containerId(pod, container.name),
    command: [file, ...args],
    directory: paths.mounted(container.workingDir ?? '') ?? home,
    environment: processEnvironment({ declared, image: props.image, home, host: props.host }),
    paths,
    terminationMessageFile,
    table: props.table,
  };
}

/** How the process table calls a container. */
export function containerId(pod: Pod, container: string): string {
  return `${pod.metadata.uid}/${container}`;
}

async function mountVolumes({ store, pod, container, folder }: SetupProps): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { name, mountPath, subPath = '' } of container.volumeMounts ?? []) {
    const index = (pod.spec.volumes ?? []).findIndex((volume) => volume.name === name);
    const volume = pod.spec.volumes?.[index];
    const root = join(folder, String(index));
    const files = volume === undefined ? {} : filesOf(store, pod, volume);
    if (files === undefined) {
      const message = `volume "${name}": the pocket cluster has emptyDir, secret and configMap volumes whose source exists`;
      throw new SetupError('CreateContainerConfigError', message);
    }
    const mounted = join(root, subPath);
    if (mounted !== root && !mounted.startsWith(`${root}/`)) {
      throw new SetupError('CreateContainerConfigError', `volume "${name}": subPath ${subPath} leaves the volume`);
    }
    await mkdir(mounted, { recursive: true, mode: 0o700 });
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text, { mode: 0o600 });
    mounts.push({ mountPath, folder: mounted });
  }
  return mounts;
}

/** What lies in a volume at first; `undefined` for one that cannot be mounted. */
function filesOf(
  store: ObjectStore,
  pod: Pod,
  { emptyDir, secret, configMap }: NonNullable<Pod['spec']['volumes']>[number],
): Readonly<Record<string, string>> | undefined {
  if (emptyDir !== undefined) return {};
  const namespace = pod.metadata.namespace ?? '';
  if (secret !== undefined) {
    return dataOf(store, 'secret', namespace, secret.secretName) ?? (secret.optional === true ? {} : undefined);
  }
  if (configMap === undefined) return undefined;
  return dataOf(store, 'configmap', namespace, configMap.name) ?? (configMap.optional === true ? {} : undefined);
}
