import { stringify } from 'smol-toml';
import type { KubeadmDistribution, RegistryMirror } from '../inventory.js';
import type { NodeFile } from './node-file.js';
import { marked } from './node-file.js';

/** Who makes cgroups on the nodes, in the kubelet's words and in containerd's: both must say the same. */
export const CGROUPS = { cgroupDriver: 'systemd', SystemdCgroup: true } as const;

/** The socket that the kubelet and crictl use. */
export const CRI_SOCKET = 'unix:///run/containerd/containerd.sock';

/** containerd's configuration (format 2, which 1.7 writes itself and 2.x migrates), and where registries are mirrored. */
export function containerdFiles(
  { pauseImage }: KubeadmDistribution,
  registries: readonly RegistryMirror[],
): readonly NodeFile[] {
  const config = {
    version: 2,
    plugins: {
      'io.containerd.grpc.v1.cri': {
        sandbox_image: pauseImage,
        containerd: {
          snapshotter: 'overlayfs',
          default_runtime_name: 'runc',
          runtimes: {
            runc: {
              runtime_type: 'io.containerd.runc.v2',
              options: { SystemdCgroup: CGROUPS.SystemdCgroup },
            },
          },
        },
        registry: { config_path: '/etc/containerd/certs.d' },
      },
    },
  };
  return [
    { path: '/etc/containerd/config.toml', text: marked(`${stringify(config)}\n`) },
    ...registries.map(({ registry, endpoints }) => ({
      path: `/etc/containerd/certs.d/${registry}/hosts.toml`,
      text: marked(`${stringify({ host: Object.fromEntries(endpoints.map((url) => [url, PULL])) })}\n`),
    })),
  ];
}

const PULL = { capabilities: ['pull', 'resolve'] };
