import { spawn } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { makeCgroups } from './cgroups.js';
import { eventually } from './eventually.js';
import { namespacePath } from './lab-network.js';
import type { LabPlan } from './lab-plan.js';

/** The terminal's NodePort. */
export const WEB_NODE_PORT = 31000;

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
  });
}

/**
 * Carries two loopback ports of this machine into the lab as connections *from the host outside*: the API server, so that
 * programs here can use the cluster, and the terminal's NodePort, which then sees what a user's browser would be.
 */
export async function startRelay(lab: LabPlan, folder: string, program: string): Promise<void> {
  const { advertiseAddress, port } = lab.inventory.apiServer;
  const { cgroups } = await makeCgroups(lab.name, 'relay');
  const file = join(folder, 'relay.json');
  const config = {
    networkNamespace: namespacePath(lab.name, lab.outside.name),
    cgroupFolders: cgroups.map((cgroup) => cgroup.folder),
    routes: [
      { listen: `127.0.0.1:${lab.ports.api}`, to: `${advertiseAddress}:${port}` },
      { listen: `127.0.0.1:${lab.ports.web}`, to: `${advertiseAddress}:${WEB_NODE_PORT}` },
    ],
  };
  await writeFile(file, JSON.stringify(config, undefined, 2));
  const logFile = join(folder, 'relay.log');
  const log = await open(logFile, 'a');
  const child = spawn(program, ['relay', file], { detached: true, stdio: ['ignore', log.fd, log.fd] });
  child.on('error', () => undefined); // what follows says so
  child.unref();
  await log.close();
  const up = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(await readFile(logFile, 'utf8'));
    return (await listens(lab.ports.api)) && (await listens(lab.ports.web));
  };
  await eventually('the relay to listen', up, { within: 10_000, every: 50 });
}
