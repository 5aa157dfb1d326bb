import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { labFolder } from './lab.js';
import { openLab } from './lab-record.js';

/**
 * Copies what a failed run can be understood from – the hosts' logs, the audit log and the state and logs of all Pods –
 * and gives the folder. It never fails, because something else already did; what cannot be had is not there.
 */
export async function saveLogs(name: string, to: string): Promise<string> {
  const lab = await openLab(name);
  await mkdir(to, { recursive: true });
  for (const host of lab === undefined ? [] : [...lab.nodes, lab.plan.outside]) {
    for (const part of ['logs', 'var/log']) {
      const options = { recursive: true, dereference: false };
      await cp(join(labFolder(name), host.name, part), join(to, host.name, part), options).catch(() => undefined);
    }
  }
  const dump = ['cluster-info', 'dump', '--all-namespaces', `--output-directory=${join(to, 'state')}`];
  await lab?.kubectl([...dump, '--request-timeout=20s']).catch(() => undefined);
  return to;
}
