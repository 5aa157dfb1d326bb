import type { Kubectl } from './kubectl.js';
import { NAMESPACE } from './deploy-terminal.js';
import type { StageNodes, StagePod } from './stage-nodes.js';

/** Nodes of a cluster that is somebody else's: what can be seen and done through its API alone. */
export class KubectlNodes implements StageNodes {
  constructor(private readonly kubectl: Kubectl) {}

  async processes(pod: string): Promise<readonly string[]> {
    const look = ['-n', NAMESPACE, 'exec', pod, '--', 'ps', '-eo', 'pid=,args='];
    const listed = await this.kubectl.run(look).catch(() => '');
    return listed.split('\n').filter((line) => line.trim() !== '' && !line.includes('ps -eo pid=,args='));
  }

  async crash(pod: string): Promise<void> {
    await this.kubectl.run(['-n', NAMESPACE, 'delete', 'pod', pod, '--grace-period=0', '--force']);
  }

  /** Asked by the Pod itself: where an API server is on another node, policies keep it out. */
  async page({ metadata }: StagePod, port: number, path: string): Promise<string> {
    const ask = `fetch('http://127.0.0.1:${port}${path}').then(async (answer) => process.stdout.write(await answer.text()))`;
    return this.kubectl.run(['-n', NAMESPACE, 'exec', metadata.name, '--', 'node', '-e', ask]);
  }

  /** No network of theirs is ours to cut: the exec's own process goes, which its stream does not outlive. */
  async cutStreams({ metadata }: StagePod): Promise<number> {
    const kill = ['-n', NAMESPACE, 'exec', metadata.name, '--', 'pkill', '-KILL', '-c', '-x', 'socat'];
    return Number(await this.kubectl.run(kill).catch(() => '0'));
  }
}
