import type { SessionView } from '../../service/protocol/api.js';
import { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';
import type { ClusterStage } from './cluster-stage.js';
import type { UserName } from './stage-record.js';

/** A user for the length of a story: what was begun is ended with it. */
export class Visit {
  private readonly sessions: string[] = [];
  private readonly viewers: Viewer[] = [];

  private constructor(
    private readonly stage: ClusterStage,
    readonly api: ApiClient,
  ) {}

  /** Logs in. */
  static async begin(stage: ClusterStage, user: UserName = 'alice'): Promise<Visit> {
    return new Visit(stage, await ApiClient.login(stage.urls[0]!, stage.tokens[user]));
  }

  /** Begins a session and does not wait for it. @param profile @default the default one */
  async start(profile?: string): Promise<SessionView> {
    const session = await this.api.newSession(profile === undefined ? {} : { profile });
    this.sessions.push(session.id);
    return session;
  }

  /** Opens a viewer and does not wait for the keeper. */
  look(session: string): Viewer {
    const viewer = new Viewer(this.api, session);
    this.viewers.push(viewer);
    return viewer;
  }

  /** Begins a session and gives a viewer that is at its prompt. */
  async work(profile?: string): Promise<{ readonly session: SessionView; readonly viewer: Viewer }> {
    const session = await this.start(profile);
    const viewer = this.look(session.id);
    await viewer.got('hello');
    await viewer.run("PS1='ready''> '", /ready> /);
    return { session, viewer };
  }

  /** Leaves, ends all sessions and waits until their Pods are gone. */
  async end(): Promise<void> {
    await Promise.all(this.viewers.splice(0).map((viewer) => viewer.leave()));
    const mine = this.sessions.splice(0);
    await Promise.all(mine.map((id) => this.api.end(id)));
    await until('the sandboxes to be gone', async () => {
      const left = await this.stage.sandboxes();
      return mine.every((id) => !left.includes(id));
    });
  }
}
