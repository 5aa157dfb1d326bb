import { readdir, readFile } from 'node:fs/promises';
import type { Lab } from './lab.js';
import type { StageNodes, StagePod } from './stage-nodes.js';

/** The nodes of a lab: their processes are processes of this machine, and this machine's root is theirs. */
export class LabNodes implements StageNodes {
  constructor(private readonly lab: Lab) {}

  async processes(pod: StagePod): Promise<readonly string[]> {
    const found = await this.processesOf(pod);
    return found.map(({ pid, command }) => `${pid} ${command}`);
  }

  async crash(pod: StagePod): Promise<void> {
    for (const { pid } of await this.processesOf(pod)) process.kill(pid, 'SIGKILL');
  }

  async cutStreams(pod: StagePod): Promise<number> {
    const [controlPlane] = this.lab.inventory.nodes;
    if (pod.spec.nodeName === undefined || controlPlane === undefined) return 0;
    const host = await this.lab.host(this.lab.node(pod.spec.nodeName));
    // From the API server's host to the kubelet go exec and log streams; its short requests keep no connection.
    const filter = ['state', 'established', 'sport', '=', ':10250', 'and', 'dst', controlPlane.address];
    const cut = await host.run(['ss', '-HKtn', ...filter]);
    return cut.split('\n').filter((line) => line.trim() !== '').length;
  }

  /** Everything in the Pod's cgroups but the pause process, which is the runtime's. */
  private async processesOf(pod: StagePod): Promise<readonly { pid: number; command: string }[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const all = await Promise.all(
      pids.map(async (pid) => {
        // A process may end between the look at the list and the look at it.
        const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
        if (!cgroup.includes(`/berth-${this.lab.inventory.name}/`) || !cgroup.includes(pod.metadata.uid)) return [];
        const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
        return command === '' || command === '/pause' ? [] : [{ pid: Number(pid), command }];
      }),
    );
    return all.flat();
  }
}
