import { setTimeout as delay } from 'node:timers/promises';
import { ClusterAccess } from '../../../service/bridge/kubernetes/cluster-access.js';
import { ExecSocket } from '../../../service/bridge/kubernetes/exec-socket.js';
import type { ClusterAddress, Measure } from '../bench.js';
import { atMost } from '../finding.js';
import { openShells, type Shell } from '../shell.js';
import { median } from '../statistics.js';

/** Writes a byte every few milliseconds until it is interrupted, without starting a process. */
const TICKER = `trap 'exit' INT; while :; do printf .; read -r -s -n 1 -t 0.005 _; done`;
const SETTLE = 300;

/** From the loss of the socket to the first byte that had not been seen, against one exec start in the same rounds. */
export const RECONNECT: Measure = {
  name: 'reconnect',
  about: 'socket lost to the first new byte',
  async run({ sizes, field, say }) {
    const { contenders, berth, cluster } = await field();
    const access = await ClusterAccess.load({ kubeconfig: cluster.kubeconfig });
    const shells = await openShells(contenders);
    const pod = await berth.pod();
    for (const shell of shells) shell.terminal.type(`${TICKER}\r`);
    await delay(SETTLE);
    const times = new Map<Shell, number[]>(shells.map((shell) => [shell, []]));
    const bare: number[] = [];
    for (let round = 1; round <= sizes.reconnects; round += 1) {
      say(`reconnect: round ${round} of ${sizes.reconnects}`);
      bare.push(await execStart(access, cluster, pod));
      for (const shell of shells) times.get(shell)?.push(await reconnect(shell));
    }
    await Promise.all(shells.map((shell) => shell.close()));
    access.close();
    const start = median(bare);
    const cells = shells.map((shell, index) => ({
      contender: shell.contender.name,
      value: median(times.get(shell) ?? []),
      remark: index === 0 ? 'same shell' : 'a new shell',
    }));
    const note = `one exec start (printf, no TTY, to its first byte): ${start.toFixed(1)} ms in the same rounds.`;
    const text = `≤ 1.5 × an exec start (${(1.5 * start).toFixed(1)} ms)`;
    const goal = atMost(1.5 * start, text, cells[0]?.value);
    return [{ title: 'reconnect: socket lost → first new byte', unit: 'ms', cells, goal, note }];
  },
};

async function reconnect(shell: Shell): Promise<number> {
  await delay(SETTLE);
  const start = performance.now();
  // The socket is lost before `comeBack` returns, so what arrives from then on is new.
  const back = shell.comeBack();
  const arrived = new Promise<number>((resolve) => {
    shell.listener = (bytes) => {
      resolve(performance.now());
      shell.draw(bytes);
    };
  });
  await back;
  const end = await arrived;
  shell.listener = shell.draw;
  return end - start;
}

async function execStart(access: ClusterAccess, cluster: ClusterAddress, pod: string): Promise<number> {
  const { namespace, container } = cluster;
  const start = performance.now();
  return new Promise((resolve, reject) => {
    ExecSocket.open(
      access,
      { namespace, pod, container, command: ['printf', 'x'] },
      { onOutput: () => resolve(performance.now() - start), onEnd: () => undefined },
    ).catch(reject);
  });
}
