import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { CACHE } from './cache.js';
import { binariesOf, FLANNEL } from './go-module.js';
import { hostPrograms, iptablesPlugins } from './host-files.js';
import type { ImageArchive, ImageFile } from './oci-image.js';
import { imageArchive } from './oci-image.js';
import { laysRoutes } from './pod-network.js';

const IPTABLES = ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore'];

/** What Flannel's CNI plugin does: a call of the bridge plugin with the node's part of the Pods' network. */
const PLUGIN = `#!/bin/sh
cat > /dev/null
# What was not given a network has none to give back.
[ -e /run/flannel/subnet.env ] || [ "$CNI_COMMAND" != DEL ] || exit 0
. /run/flannel/subnet.env
# The file has the bridge's own address in the node's part, which is a /24.
subnet=\${FLANNEL_SUBNET%.*}.0/24
exec /opt/cni/bin/bridge <<EOF
{ "cniVersion": "0.3.1", "name": "cbr0", "type": "bridge", "bridge": "cni0", "mtu": $FLANNEL_MTU,
  "hairpinMode": true, "isGateway": true, "isDefaultGateway": true, "ipMasq": false,
  "ipam": { "type": "host-local", "subnet": "$subnet", "routes": [{ "dst": "$FLANNEL_NETWORK" }] } }
EOF
`;

/** kube-router's flags, as the policy controller's own program wants them. */
const ROUTER = `#!/bin/sh
for flag in "$@"; do
  case $flag in --service-cluster-ip-range=*) services=\${flag#*=} ;; esac
done
exec /usr/local/bin/netpol --service-subnet "$services"
`;

/** The images that the manifests of the Pods' network name, under those names. `agents` is where its binaries are. */
export async function podNetworkImages(inventory: Inventory, agents: string): Promise<readonly ImageArchive[]> {
  const { cni } = inventory;
  if (cni?.name !== 'flannel') throw new Error(`${inventory.name}: only Flannel can be brought up here`);
  const scripts = join(CACHE, 'scripts');
  await mkdir(scripts, { recursive: true });
  const script = async (name: string, text: string, to: string): Promise<ImageFile> => {
    await writeFile(join(scripts, name), text);
    await chmod(join(scripts, name), 0o755);
    return { from: join(scripts, name), to, mode: 0o755 };
  };
  const shell = [...(await hostPrograms(['sh', 'cp'])), { to: '/bin/sh', link: '/usr/sbin/sh' }];
  const iptables = await hostPrograms([...IPTABLES, 'ipset'], await iptablesPlugins());
  const policies = imageArchive({
    reference: `docker.io/cloudnativelabs/kube-router:${cni.policyControllerVersion}`,
    files: [
      ...shell,
      ...iptables,
      { from: join(agents, 'netpol'), to: '/usr/local/bin/netpol', mode: 0o755 },
      await script('kube-router', ROUTER, '/usr/local/bin/kube-router'),
    ],
    entrypoint: ['/usr/local/bin/kube-router'],
  });
  if (laysRoutes(inventory)) return [await policies];
  const flanneld = join(await binariesOf(FLANNEL, () => undefined), 'flanneld');
  return Promise.all([
    policies,
    imageArchive({
      reference: `ghcr.io/flannel-io/flannel:${cni.version}`,
      files: [...shell, ...iptables, { from: flanneld, to: '/opt/bin/flanneld', mode: 0o755 }],
      entrypoint: ['/opt/bin/flanneld'],
    }),
    imageArchive({
      reference: `ghcr.io/flannel-io/flannel-cni-plugin:${cni.pluginVersion}`,
      files: [...shell, await script('flannel', PLUGIN, '/flannel')],
      entrypoint: ['/flannel'],
    }),
  ]);
}
