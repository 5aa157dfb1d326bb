import { stringify } from 'yaml';
import { MARK } from '../../render/render.js';
import type { Host, Inventory } from '../inventory.js';
import type { NodeFile } from './node-file.js';
import { yamlText } from './node-file.js';
import { PREPARE_NODE } from './prepare.js';

/** cloud-init's user-data: the operating system's settings, and all files of the host. */
export function userData({ distribution }: Inventory, host: Host, files: readonly NodeFile[]): string {
  const { user, timeZone, locale, ntp, sshKeys = [] } = host.system;
  const config = {
    hostname: host.name,
    manage_etc_hosts: true,
    timezone: timeZone,
    locale,
    ntp: { enabled: true, ntp_client: 'systemd-timesyncd', servers: ntp, pools: [] },
    users: [
      {
        name: user,
        groups: ['adm', 'sudo'],
        shell: '/bin/bash',
        lock_passwd: true,
        // No password, so sudo can ask for none; who may log in holds a key.
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ...(sshKeys.length > 0 && { ssh_authorized_keys: sshKeys }),
      },
    ],
    ssh_pwauth: false,
    growpart: { mode: 'auto', devices: ['/'] },
    resize_rootfs: true,
    swap: { filename: '/swap.img', size: 0 },
    package_update: true,
    packages: ['nftables', 'curl', ...(distribution.kind === 'kubeadm' ? ['gpg', 'conntrack', 'socat'] : [])],
    write_files: files.map(({ path, text, mode = '0644' }) => ({ path, permissions: mode, content: text })),
    runcmd: [[PREPARE_NODE]],
  };
  return `#cloud-config\n# ${MARK}\n${stringify(config, { lineWidth: 0 })}`;
}

/** cloud-init's meta-data: a machine of another name is another machine. */
export function metaData({ name }: Inventory, host: Host): string {
  return yamlText({ 'instance-id': `${name}-${host.name}`, 'local-hostname': host.name });
}
