import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClusterAddress, Field } from './bench.js';
import { Berth } from './contenders/berth.js';
import { Kubectl } from './contenders/kubectl.js';
import type { ClusterOptions } from './options.js';
import type { Memory } from './terminal.js';

const run = promisify(execFile);
const BRIDGE = 'app.kubernetes.io/name=web-terminal-service';

/** A deployment on a real cluster, beside `kubectl exec -it` into the same Pod. */
export async function openClusterField({ url, token, kubeconfig, kubectl: program }: ClusterOptions): Promise<Field> {
  const kubectl = [...program, '--kubeconfig', kubeconfig];
  const cluster: ClusterAddress = { kubeconfig, namespace: 'claudecode-terminal', container: 'sandbox', kubectl };
  const probe = { read: () => bridgeMemory(cluster) };
  const berth = await Berth.start({ url, token, probe });
  const shell = new Kubectl({
    ...cluster,
    prefix: kubectl,
    command: ['bash', '--norc'],
    pod: () => berth.pod(),
  });
  return {
    berth,
    contenders: [berth, shell],
    absent: [],
    cluster,
    remarks: ['A real cluster.'],
    stop: () => berth.stop(),
  };
}

/** The resident memory of all bridge Pods together: each is one Node process, number 1 of its container. */
async function bridgeMemory({ kubectl, namespace }: ClusterAddress): Promise<Memory> {
  const [file = 'kubectl', ...first] = kubectl;
  const call = async (...words: string[]): Promise<string> =>
    (await run(file, [...first, '-n', namespace, ...words])).stdout;
  const pods = (await call('get', 'pods', '-l', BRIDGE, '-o', 'name')).split('\n').filter((line) => line !== '');
  const read = `process.stdout.write(require('fs').readFileSync('/proc/1/status', 'utf8'))`;
  const sizes = await Promise.all(
    pods.map(async (pod) => {
      const status = await call('exec', pod, '--', 'node', '-e', read);
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
    }),
  );
  return { rss: sizes.reduce((sum, size) => sum + size, 0) };
}
