import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { exists, HERE, REPOSITORY } from './cache.js';
import type { GoModule } from './go-module.js';
import { binariesOf, MODULES, VERSIONS } from './go-module.js';
import { hostPrograms } from './host-files.js';
import type { ImageArchive, ImageFile } from './oci-image.js';
import { imageArchive } from './oci-image.js';
import { podNetworkImages } from './pod-network-images.js';

/** Where each module's binaries are. */
export type Binaries = Readonly<Record<keyof typeof MODULES, string>>;

/** References of the images that no manifest of ours names but the lab's own. kubeadm derives its names from `localhost`. */
export const IMAGES = {
  pause: `localhost/pause:${VERSIONS.pause}`,
  metricsServer: `localhost/metrics-server:${VERSIONS.metricsServer}`,
  localPath: `localhost/local-path-provisioner:${VERSIONS.localPath}`,
  /** A shell, and the `host` program: a Pod that asks and answers. */
  probe: 'localhost/berth-probe:1',
  localPathHelper: 'localhost/local-path-helper:1',
} as const;

/** Which images are where, and when. No image of the lab is anywhere but where its Pods can be scheduled. */
export interface LabImages {
  readonly everyNode: readonly ImageArchive[];
  /** What `kubeadm init` starts, beside `everyNode`. */
  readonly controlPlane: readonly ImageArchive[];
  /** The system's other Pods, for nodes that keep off nobody or, as a control plane may, all but the system. */
  readonly system: readonly ImageArchive[];
}

/** All binaries; `onBuild` hears of each module that has to be built first. */
export async function labBinaries(onBuild: (module: GoModule) => void): Promise<Binaries> {
  const built: Partial<Record<keyof typeof MODULES, string>> = {};
  // One after the other: each build uses all cores by itself.
  for (const name of Object.keys(MODULES) as (keyof typeof MODULES)[])
    built[name] = await binariesOf(MODULES[name], onBuild);
  return built as Binaries;
}

const program = (folder: string, name: string, to = `/usr/local/bin/${name}`): ImageFile => ({
  from: join(folder, name),
  to,
  mode: 0o755,
});

/**
 * The images that the manifests in `cdk8s.out` give NVIDIA's device plugin: our stand-in goes under that reference, so the
 * chart's own DaemonSet runs it. Empty while the manifests name none.
 */
export async function devicePluginReferences(folder = join(REPOSITORY, 'cdk8s.out')): Promise<readonly string[]> {
  if (!(await exists(folder))) return [];
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const references = texts.flatMap((text) => [...text.matchAll(/image: "?(\S*k8s-device-plugin[^\s"]*)"?$/gm)]);
  return [...new Set(references.map(([, reference = '']) => reference))];
}

/** Makes, or finds made, all images of a lab of that inventory. */
export async function labImages(binaries: Binaries, inventory: Inventory): Promise<LabImages> {
  const { host, kubernetes, etcd, agents, localPath, metricsServer } = binaries;
  const one = (reference: string, files: readonly ImageFile[], ...entrypoint: string[]): Promise<ImageArchive> =>
    imageArchive({ reference, files, entrypoint });
  const kube = (name: string): Promise<ImageArchive> =>
    one(`localhost/${name}:${VERSIONS.kubernetes}`, [program(kubernetes, name)]);

  const everyNode = [
    one(IMAGES.pause, [program(agents, 'pause', '/pause')], '/pause'),
    one(`localhost/kube-proxy:${VERSIONS.kubernetes}`, [
      program(kubernetes, 'kube-proxy'),
      ...(await hostPrograms(['nft', 'conntrack'])),
      // Without it nft lists tcp as 6, and at its hourly sync kube-proxy takes its own entries for strangers and deletes them.
      { from: join(HERE, 'protocols'), to: '/etc/protocols', mode: 0o644 },
    ]),
    one(IMAGES.localPathHelper, await shell(['mkdir', 'rm', 'chmod'])),
    one(IMAGES.probe, [program(host, 'host'), ...(await shell(['sleep', 'id', 'cat']))], 'host'),
    ...(await devicePluginReferences()).map((reference) =>
      one(
        reference,
        [program(agents, 'device-plugin', '/usr/bin/nvidia-device-plugin')],
        '/usr/bin/nvidia-device-plugin',
      ),
    ),
  ];
  const controlPlane = [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(kube),
    one(`localhost/etcd:${VERSIONS.etcd}`, [program(etcd, 'etcd'), program(etcd, 'etcdctl')]),
  ];
  const system = [
    one(`localhost/coredns:${VERSIONS.coredns}`, [program(etcd, 'coredns', '/coredns')], '/coredns'),
    one(IMAGES.metricsServer, [program(metricsServer, 'metrics-server', '/metrics-server')], '/metrics-server'),
    one(IMAGES.localPath, [program(localPath, 'local-path-provisioner')], 'local-path-provisioner'),
  ];
  return {
    everyNode: [...(await Promise.all(everyNode)), ...(await podNetworkImages(inventory, agents))],
    controlPlane: await Promise.all(controlPlane),
    system: await Promise.all(system),
  };
}

/** A shell and a few programs; the provisioner's helper Pods call /bin/sh. */
async function shell(programs: readonly string[]): Promise<readonly ImageFile[]> {
  return [...(await hostPrograms(['sh', ...programs])), { to: '/bin/sh', link: '/usr/sbin/sh' }];
}
