import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BINARIES, cached, contentKey, exists, HERE } from './cache.js';
import { run } from './command.js';

/** The versions that the lab runs; each is pinned once more, with its hash, in the go.mod and go.sum of its module. */
export const VERSIONS = {
  kubernetes: 'v1.34.4',
  nextApiServer: 'v1.35.4',
  etcd: '3.6.8',
  coredns: 'v1.12.1',
  metricsServer: 'v0.9.0',
  localPath: 'v0.0.30',
  pause: '3.10.1',
} as const;

/** A folder of `modules/`: its go.mod says what is built. */
export interface GoModule {
  readonly folder: string;
  /** Binary name → package. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Linker flags beside `-s -w`. @default none */
  readonly ldflags?: string;
  /** Whether a part of it is C. @default no */
  readonly cgo?: boolean;
  /** Roughly how long a first build takes on two cores, for people who wait. */
  readonly firstBuild: string;
}

const kubernetes = (folder: string, version: string, commands: readonly string[]): GoModule => {
  const [major = '', minor = ''] = version.replace('v', '').split('.');
  const set = (name: string, value: string): string => `-X k8s.io/component-base/version.${name}=${value}`;
  return {
    folder,
    binaries: Object.fromEntries(commands.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    // Without a version the binaries call themselves v0.0.0, which kubeadm refuses.
    ldflags: [set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)].join(' '),
    firstBuild: '6 minutes',
  };
};

/** All that a lab needs. */
export const MODULES = {
  host: { folder: 'host', binaries: { host: '.' }, firstBuild: '10 seconds' },
  agents: {
    folder: 'agents',
    binaries: { netpol: './netpol', 'device-plugin': './device-plugin', pause: './pause' },
    firstBuild: '1 minute',
  },
  kubernetes: kubernetes('kubernetes', VERSIONS.kubernetes, [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'kubelet',
    'kubectl',
    'kubeadm',
  ]),
  etcd: {
    folder: 'etcd',
    binaries: {
      etcd: 'go.etcd.io/etcd/server/v3',
      etcdctl: 'go.etcd.io/etcd/etcdctl/v3',
      coredns: 'github.com/coredns/coredns',
    },
    firstBuild: '2 minutes',
  },
  localPath: {
    folder: 'local-path-provisioner',
    binaries: { 'local-path-provisioner': 'github.com/rancher/local-path-provisioner' },
    firstBuild: '1 minute',
  },
  metricsServer: {
    folder: 'metrics-server',
    binaries: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
    firstBuild: '3 minutes',
  },
} as const satisfies Record<string, GoModule>;

/** An API server of the next minor version; built only when a story asks for it. */
export const NEXT_API_SERVER: GoModule = kubernetes('kubernetes-1.35', VERSIONS.nextApiServer, ['kube-apiserver']);

/** Flannel; built only for a lab whose Pod network it is. Its oldest backend, which nobody uses here, has a part in C. */
export const FLANNEL: GoModule = {
  folder: 'flannel',
  binaries: { flanneld: 'github.com/flannel-io/flannel' },
  ldflags: '-extldflags -static',
  cgo: true,
  firstBuild: '2 minutes',
};

async function moduleSources(folder: string): Promise<readonly Buffer[]> {
  const entries = await readdir(folder, { recursive: true });
  const names = entries.filter((name) => /(\.go|go\.mod|go\.sum)$/.test(name)).sort();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return names.flatMap((name, index) => [Buffer.from(name), contents[index] ?? Buffer.of()]);
}

async function targetOf(module: GoModule): Promise<string> {
  const sources = await moduleSources(join(HERE, 'modules', module.folder));
  const toolchain = await run('go', ['env', 'GOVERSION', 'GOARCH']);
  const key = contentKey([...sources, JSON.stringify(module.binaries), module.ldflags ?? '', toolchain]);
  return join(BINARIES, `${module.folder}-${key}`);
}

/** Whether all that a lab needs was built before. False too when Go is missing. */
export async function binariesBuilt(): Promise<boolean> {
  const built = Object.values(MODULES).map(async (module) => exists(await targetOf(module)));
  return Promise.all(built).then(
    (all) => all.every(Boolean),
    () => false,
  );
}

/** The folder with the module's static binaries, built when its content, its flags or Go itself changed. */
export async function binariesOf(module: GoModule, onBuild: (module: GoModule) => void): Promise<string> {
  const target = await targetOf(module);
  if (await exists(target)) return target;
  onBuild(module);
  return cached(target, async (unfinished) => {
    await mkdir(unfinished);
    for (const [name, path] of Object.entries(module.binaries)) {
      const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${module.ldflags ?? ''}`.trim()];
      const options = {
        cwd: join(HERE, 'modules', module.folder),
        env: { CGO_ENABLED: module.cgo === true ? '1' : '0' },
      };
      await run('go', ['build', ...flags, '-o', join(unfinished, name), path], options);
    }
  });
}
