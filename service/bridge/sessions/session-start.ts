import type { Progress } from '../../protocol/control-message.js';
import type { KubeEvent } from './pod.js';
import type { ApiFailure, Cluster } from './ports.js';
import type { Session, Sessions } from './sessions.js';
import { startProgress } from './start-progress.js';

/** Follows one session from its creation to the moment its keeper can be reached, and says what changed on the way. */
export class SessionStart {
  private readonly said = new Map<string, string>();
  private readonly stops: (() => void)[];
  private events: readonly KubeEvent[] = [];

  constructor(
    sessions: Sessions,
    cluster: Cluster,
    private session: Session,
    private readonly onProgress: (progress: Progress) => void,
  ) {
    this.stops = [
      sessions.follow(session.id, (changed) => {
        this.session = changed;
        this.say();
      }),
      cluster.events.follow(session.pod.metadata.name, (events, failure) => {
        this.events = events;
        if (failure === undefined) this.say();
        else this.sayFailure(failure);
      }),
    ];
    this.say();
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private say(): void {
    if (this.session.phase !== 'starting' && this.session.phase !== 'running') return;
    for (const progress of startProgress(this.session.pod, this.events)) this.sayOnce(progress);
  }

  private sayFailure(failure: ApiFailure): void {
    this.sayOnce({
      type: 'progress',
      step: 'created',
      state: 'failed',
      message: `The cluster does not let the bridge see how the start goes: ${failure.message}`,
    });
  }

  private sayOnce(progress: Progress): void {
    const text = JSON.stringify(progress);
    if (this.said.get(progress.step) === text) return;
    this.said.set(progress.step, text);
    this.onProgress(progress);
  }
}
