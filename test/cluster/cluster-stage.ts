import { profileLikeSmall, type SandboxContainer } from '../stories/pocket-stage.js';
import type { Stage } from '../stories/stage.js';
import { BRIDGE, NAMESPACE } from './deploy-terminal.js';
import { eventually } from './eventually.js';
import { Kubectl } from './kubectl.js';
import { KubectlNodes } from './kubectl-nodes.js';
import type { Lab } from './lab.js';
import { LabNodes } from './lab-nodes.js';
import type { StageNodes, StagePod } from './stage-nodes.js';
import { readStage, type UserName } from './stage-record.js';

/** The terminal on a real cluster, as `npm run test:cluster` deployed it: any number of test files open the same one. */
export class ClusterStage implements Stage {
  private readonly added = new Set<string>();

  private constructor(
    readonly urls: readonly string[],
    readonly tokens: Readonly<Record<UserName, string>>,
    readonly kubectl: Kubectl,
    /** Undefined on somebody else's cluster. */
    readonly lab: Lab | undefined,
    private readonly nodes: StageNodes,
  ) {}

  /** Opens the deployment that the runner wrote down. Throws when there is none. */
  static async open(): Promise<ClusterStage> {
    const { url, tokens, kubectl, kubeconfig, host } = await readStage();
    const admin = new Kubectl(kubectl, kubeconfig);
    const nodes = host === undefined ? new KubectlNodes(admin) : new LabNodes(host);
    return new ClusterStage([url], tokens, admin, host, nodes);
  }

  /** The bridge's Pods that are not on their way out. */
  async bridges(): Promise<readonly StagePod[]> {
    return (await this.everyBridge()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** All of the bridge's Pods. */
  everyBridge(): Promise<readonly StagePod[]> {
    return this.pods(`app.kubernetes.io/name=${BRIDGE}`);
  }

  /** Kills the replicas that viewers are at, and waits until all that the Deployment wants are Ready again. */
  async crashBridge(): Promise<void> {
    const all = await this.bridges();
    const viewers = await Promise.all(all.map((pod) => this.metricOf(pod, 'berth_viewers')));
    const victims = all.filter((_, index) => (viewers[index] ?? 0) > 0);
    await Promise.all(victims.map((pod) => this.nodes.crash(pod.metadata.name)));
    const before = new Map(victims.map((pod) => [pod.metadata.uid, restarts(pod)]));
    await eventually('the bridges to be Ready again', async () => {
      const now = await this.bridges();
      // A replica that was killed is another Pod, or the same one with another container.
      const back = now.filter((pod) => restarts(pod) > (before.get(pod.metadata.uid) ?? -1));
      return back.length >= all.length && back.every(isReady);
    });
  }

  async cutStreams(session: string): Promise<number> {
    const pod = await this.sandbox(session);
    return pod === undefined ? 0 : this.nodes.cutStreams(pod);
  }

  async deletePod(session: string): Promise<void> {
    await this.inNamespace('delete', 'pod', podName(session), '--wait=false');
  }

  async sandboxes(): Promise<readonly string[]> {
    const pods = await this.pods('app.kubernetes.io/name=claudecode-sandbox');
    return pods.map(({ metadata }) => metadata.labels?.['berth.dev/session'] ?? metadata.name);
  }

  /** The Pod of a session; undefined when there is none. */
  async sandbox(session: string): Promise<StagePod | undefined> {
    return (await this.pods(`berth.dev/session=${session}`))[0];
  }

  async processes(session?: string): Promise<readonly string[]> {
    const sessions = session === undefined ? await this.sandboxes() : [session];
    return (await Promise.all(sessions.map((each) => this.nodes.processes(podName(each))))).flat();
  }

  addProfile(name: string, environment: Readonly<Record<string, string>>): Promise<void> {
    return this.changeProfile(name, (container) => {
      container.env = container.env.map((each) => ({ name: each.name, value: environment[each.name] ?? each.value }));
    });
  }

  /** Adds a profile like `small` after `change` was made to its container; `stop` takes it away. Returns when it is offered. */
  async changeProfile(name: string, change: (container: SandboxContainer) => void): Promise<void> {
    this.added.add(name);
    await this.kubectl.apply(await profileLikeSmall(name, change));
  }

  async metric(name: string): Promise<number> {
    const values = await Promise.all((await this.bridges()).map((pod) => this.metricOf(pod, name)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  /** Takes away the profiles that were added; the deployment stays, for the next test file. */
  async stop(): Promise<void> {
    if (this.added.size > 0) await this.inNamespace('delete', 'podtemplate', ...this.added);
  }

  /** kubectl in the terminal's namespace. */
  async inNamespace(...args: readonly string[]): Promise<string> {
    return this.kubectl.run(['-n', NAMESPACE, ...args]);
  }

  private async pods(selector: string): Promise<readonly StagePod[]> {
    const list = await this.kubectl.json<{ items: StagePod[] }>('-n', NAMESPACE, 'get', 'pods', '-l', selector);
    return list.items;
  }

  private async metricOf(pod: StagePod, name: string): Promise<number> {
    const lines = (await this.nodes.page(pod, OPS_PORT, '/metrics'))
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    if (lines.length === 0) throw new Error(`no metric ${name} at ${pod.metadata.name}`);
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }
}

/** Where a bridge tells how it is; no Service leads there. */
const OPS_PORT = 9090;

const podName = (session: string): string => `claudecode-sandbox-${session}`;
const restarts = ({ status }: StagePod): number => status.containerStatuses?.[0]?.restartCount ?? 0;
const isReady = ({ status }: StagePod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
