import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostProcess, INSIDE } from './host-process.js';
import type { Binaries } from './lab-images.js';
import type { LabPlan } from './lab-plan.js';
import { BIN, hostMounts, layHostFolders, PATH } from './node-host.js';

/** The port on which every address of the host outside answers over HTTP. */
export const ANSWER_PORT = 80;

/**
 * The host outside: it answers over HTTP on its own address, a public one and those that no sandbox may reach, and over
 * DNS for the public one's name. So a refused connection is the policy's doing: without the policy there is an answer.
 */
export async function outsideHost(
  { name, outside }: LabPlan,
  folder: string,
  binaries: Binaries,
): Promise<HostProcess> {
  await layHostFolders(folder);
  const { internet, address, dns, forbidden } = outside;
  const zone = `template IN A ${internet.name} {\n  answer "{{ .Name }} 60 IN A ${internet.address}"\n}\n`;
  const corefile = `.:53 {\n  bind ${dns.join(' ')}\n  ${zone}\n  template ANY ANY {\n    rcode NXDOMAIN\n  }\n  errors\n}\n`;
  await writeFile(join(folder, 'Corefile'), corefile);
  const answering = [address, internet.address, ...forbidden].map((each) => `${each}:${ANSWER_PORT}`);
  return new HostProcess({
    lab: name,
    name: outside.name,
    folder,
    mounts: hostMounts(folder, binaries),
    services: [
      { name: 'dns', command: [`${BIN}/etcd/coredns`, '-conf', `${INSIDE}/Corefile`] },
      { name: 'answer', command: [`${BIN}/host/host`, 'answer', ...answering] },
    ],
    path: PATH,
    program: join(binaries.host, 'host'),
  });
}
