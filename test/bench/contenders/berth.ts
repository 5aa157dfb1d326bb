import { randomBytes } from 'node:crypto';
import { ApiClient } from '../../stories/api-client.js';
import { until } from '../../stories/until.js';
import type { Contender, Memory, Output, Terminal } from '../terminal.js';
import { BerthTerminal, type BerthTerminalProps } from './berth-terminal.js';

export interface BerthProps {
  readonly url: string;
  readonly token: string;
  /** @default none: the bridge cannot be looked into */
  readonly probe?: { read(settled: boolean): Promise<Memory> } | undefined;
}

/** Berth itself, through its HTTP API and its WebSocket. */
export class Berth implements Contender {
  readonly name = 'Berth';
  private readonly live = new Set<string>();

  private constructor(
    readonly api: ApiClient,
    private readonly probe: BerthProps['probe'],
  ) {}

  static async start({ url, token, probe }: BerthProps): Promise<Berth> {
    return new Berth(await ApiClient.login(url, token), probe);
  }

  async open(output: Output): Promise<BerthTerminal> {
    const session = await this.create();
    const terminal = this.view({
      session,
      output,
      viewer: `bench-${randomBytes(8).toString('hex')}`,
      from: 0,
      input: 0,
      close: () => this.end(session),
    });
    await terminal.ready();
    return terminal;
  }

  /** As the page: attaches at the byte where it was. */
  async comeBack(lost: Terminal, output: Output): Promise<BerthTerminal> {
    if (!(lost instanceof BerthTerminal)) throw new TypeError('not a terminal of Berth');
    const { session, viewer, close } = lost.props;
    lost.drop();
    const terminal = this.view({ session, viewer, output, close, ...lost.place });
    await terminal.ready();
    return terminal;
  }

  view(props: Omit<BerthTerminalProps, 'api'>): BerthTerminal {
    return new BerthTerminal({ api: this.api, ...props });
  }

  /** Creates a session; it may still be starting. */
  async create(): Promise<string> {
    const { id } = await this.api.newSession();
    this.live.add(id);
    return id;
  }

  async end(session: string): Promise<void> {
    if (this.live.delete(session)) await this.api.end(session);
  }

  /** The Pod of the session that was opened last, or of a new one: for peers that exec into the same. */
  async pod(): Promise<string> {
    const session = [...this.live].at(-1) ?? (await this.create());
    await until(`session ${session} to run`, async () => (await this.api.session(session)).body.phase === 'running');
    return `claudecode-sandbox-${session}`;
  }

  memory(settled: boolean): Promise<Memory> {
    if (this.probe === undefined) throw new Error('the bridge runs elsewhere');
    return this.probe.read(settled);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.live].map((session) => this.end(session)));
  }
}
