import type { Host, Inventory } from '../inventory.js';
import type { NodeFile } from './node-file.js';
import { scriptText } from './node-file.js';
import { installCommands } from './packages.js';

export const PREPARE_NODE = '/usr/local/sbin/prepare-node';

/** The script that cloud-init runs last: what files alone do not do. On a machine that is there already, run it by hand. */
export function prepareFile({ distribution }: Inventory, { machine }: Host): NodeFile {
  const text = scriptText('Makes this machine ready to be a node; a second run changes nothing.', [
    `[ "$(findmnt -no FSTYPE /)" = ${machine.filesystem} ] || { echo "/ is not ${machine.filesystem}" >&2; exit 1; }`,
    '',
    '# A kubelet does not start beside swap.',
    'swapoff -a',
    "sed -i -E 's/^([^#].*[[:space:]]swap[[:space:]].*)$/# \\1/' /etc/fstab",
    'systemctl mask swap.target',
    '',
    'systemctl restart systemd-modules-load',
    'sysctl --system',
    '',
    'systemctl disable --now ufw 2>/dev/null || true',
    'systemctl enable nftables',
    'nft -f /etc/nftables.conf',
    ...(distribution.kind === 'kubeadm' ? ['', ...installCommands(distribution)] : []),
  ]);
  return { path: PREPARE_NODE, text, mode: '0755' };
}
