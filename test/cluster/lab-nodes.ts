import { readdir, readFile } from 'node:fs/promises';
import type { Lab } from './lab.js';
import { BIN } from './node-host.js';
import type { StageNodes, StagePod } from './stage-nodes.js';

/** The nodes of a lab: their processes are processes of this machine, and this machine's root is theirs. */
export class LabNodes implements StageNodes {
  constructor(private readonly lab: Lab) {}

  async processes(pod: string): Promise<readonly string[]> {
    const found = await this.processesOf(pod);
    return found.map(({ pid, command }) => `${pid} ${command}`);
  }

  async crash(pod: string): Promise<void> {
    for (const { pid } of await this.processesOf(pod)) process.kill(pid, 'SIGKILL');
  }

  /** Asked from its node, which no policy keeps out: it could not ask whether the Pod is alive. */
  async page({ spec, status }: StagePod, port: number, path: string): Promise<string> {
    const host = this.lab.host(this.lab.node(spec.nodeName ?? ''));
    return host.run([`${BIN}/host/host`, 'ask', `http://${status.podIP ?? ''}:${port}${path}`]);
  }

  async cutStreams(pod: StagePod): Promise<number> {
    if (pod.spec.nodeName === undefined) return 0;
    const host = this.lab.host(this.lab.node(pod.spec.nodeName));
    // From the API server's host to the kubelet go exec and log streams; its short requests keep no connection.
    const filter = [
      'state',
      'established',
      'sport',
      '=',
      ':10250',
      'and',
      'dst',
      this.lab.inventory.apiServer.advertiseAddress,
    ];
    const cut = await host.run(['ss', '-HKtn', ...filter]);
    return cut.split('\n').filter((line) => line.trim() !== '').length;
  }

  /**
   * All processes of this machine in a cgroup in which one was started with the Pod's name for a host name; so also what a
   * Pod left behind that nobody knows any more. Not the pause process, which is the runtime's.
   */
  private async processesOf(pod: string): Promise<readonly NodeProcess[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const all = (await Promise.all(pids.map((pid) => readProcess(Number(pid))))).filter(
      ({ cgroup, command }) => cgroup.includes(`/berth-${this.lab.plan.name}/`) && command !== '/pause',
    );
    const cgroups = new Set(all.filter(({ hostname }) => hostname === pod).map(({ cgroup }) => cgroup));
    return all.filter(({ cgroup }) => cgroups.has(cgroup));
  }
}

interface NodeProcess {
  readonly pid: number;
  readonly command: string;
  readonly cgroup: string;
  /** What the runtime told it. */
  readonly hostname: string | undefined;
}

/** Empty where it ended between the look at the list and the look at it. */
async function readProcess(pid: number): Promise<NodeProcess> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const [cgroups, command, environment] = await Promise.all([read('cgroup'), read('cmdline'), read('environ')]);
  const hostname = environment.split('\0').find((each) => each.startsWith('HOSTNAME='));
  return {
    pid,
    command: command.replaceAll('\0', ' ').trim(),
    cgroup: cgroups.split('\n').find((line) => line.includes(':memory:') || line.startsWith('0::/')) ?? '',
    hostname: hostname?.slice('HOSTNAME='.length),
  };
}
