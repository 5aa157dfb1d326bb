import type { SessionEnd } from './session-end.js';

/** An ended session that is no longer in the cluster. */
export interface EndedSession extends SessionEnd {
  readonly user: string;
}

/**
 * The last sessions that ended, for saying why. A courtesy, not truth: it is this replica's memory, bounded, and empty
 * after a restart; without it the answer is 404 instead of 410.
 */
export class EndedSessions {
  private readonly sessions = new Map<string, EndedSession>();

  constructor(private readonly capacity = 1_000) {}

  remember(id: string, session: EndedSession): void {
    // The first word is the best: later ones come from a Pod that is being torn down.
    if (this.sessions.has(id)) return;
    this.sessions.set(id, session);
    if (this.sessions.size > this.capacity) this.sessions.delete(this.sessions.keys().next().value ?? '');
  }

  get(id: string): EndedSession | undefined {
    return this.sessions.get(id);
  }
}
