import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterAddress, Field } from './bench.js';
import { Berth } from './contenders/berth.js';
import { Kubectl } from './contenders/kubectl.js';
import { Naive } from './contenders/naive.js';
import { Ttyd } from './contenders/ttyd.js';
import { Wetty } from './contenders/wetty.js';
import { MemoryProbe } from './memory-probe.js';
import { PocketHost } from './pocket-host.js';
import { hasCommand } from './sandbox-images.js';
import type { Absence, Contender } from './terminal.js';

/** What `--contenders` may name besides Berth. `kubectl` is left out unless it is named. */
export const PEERS = ['naive', 'wetty', 'ttyd', 'kubectl'] as const;
export type Peer = (typeof PEERS)[number];

export interface PocketFieldProps {
  readonly sandboxes: 'shell' | 'stand-in';
  readonly peers: readonly Peer[];
}

const SHELL = ['bash', '--norc'];
const IDLE = ['sleep', '100000'];

/** Berth on a pocket cluster, and its peers on the same machine with the same shell. */
export async function openPocketField({ sandboxes, peers }: PocketFieldProps): Promise<Field> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-probes-'));
  const probe = (name: string): MemoryProbe => new MemoryProbe(join(directory, name));
  const berthProbe = probe('berth');
  const host = await PocketHost.start({ sandboxes, bridgeEnvironment: berthProbe.environment });
  const { url, token, kubeconfig, attach } = host.facts;
  const berth = await Berth.start({ url, token, probe: berthProbe });
  const kubectl = ['kubectl', '--kubeconfig', kubeconfig];
  const cluster: ClusterAddress = { kubeconfig, namespace: 'claudecode-terminal', container: 'sandbox', kubectl };
  const command = sandboxes === 'shell' ? SHELL : IDLE;
  const pod = (): Promise<string> => berth.pod();
  const starts: Record<Peer, () => Promise<Contender>> = {
    naive: () => Naive.start({ ...cluster, command, pod, probe: probe('naive') }),
    wetty: () => Wetty.start({ command: command.join(' '), probe: probe('wetty') }),
    ttyd: () => startTtyd(command),
    kubectl: () => Promise.resolve(new Kubectl({ ...cluster, prefix: kubectl, command, pod })),
  };
  const contenders: Contender[] = [berth];
  const absent: Absence[] = [];
  for (const peer of peers) {
    try {
      contenders.push(await starts[peer]());
    } catch (error) {
      absent.push({ name: peer, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const stop = async (): Promise<void> => {
    await Promise.all(contenders.slice(1).map((contender) => contender.stop()));
    await host.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const remarks = sandboxes === 'shell' ? [ATTACH[attach]] : [];
  return { berth, contenders, absent, cluster, remarks, stop };
}

const ATTACH = {
  socat: 'keeper-attach is socat, as in the image.',
  node: 'keeper-attach is the one in Node: install socat to measure with the one of the image.',
} as const;

function startTtyd(command: readonly string[]): Promise<Contender> {
  if (!hasCommand('ttyd')) return Promise.reject(new Error('the command ttyd is not installed'));
  return Ttyd.start(command);
}
