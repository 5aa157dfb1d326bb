import type { ProfileView, SessionPhase, SessionView } from '../../protocol/api.js';
import { EndedSessions } from './ended-sessions.js';
import { ANNOTATIONS, LABELS, type Pod } from './pod.js';
import { isApiFailure, type Cluster } from './ports.js';
import { ProblemError } from './problem-error.js';
import { instantiate, isProfile, profileView } from './profile.js';
import { endOf, type SessionEnd } from './session-end.js';
import { isSessionId, makeSessionId, podName } from './session-id.js';
import { lossOf } from './session-loss.js';
import { checkName } from './session-name.js';
import { phaseOf, takesPlace } from './session-phase.js';
import { troubleOf } from './start-progress.js';

export interface SessionRules {
  /**
   * Sessions that one user may have at a time. Ended, ending and lost ones do not count. Each replica counts what its
   * watch has told it: replicas asked at the same instant may together let a few more in. The quota is the hard limit.
   */
  readonly sessionsPerUser: number;
}

export interface NewSessionRequest {
  /** @default the profile marked as default */
  readonly profile?: string | undefined;
  /** @default '' */
  readonly name?: string | undefined;
  /** The same key by the same user gives the same session. @default none */
  readonly key?: string | undefined;
}

/** A session as the other layers follow it. */
export interface Session {
  readonly id: string;
  readonly phase: SessionPhase;
  readonly pod: Pod;
  /** @default none: it goes on */
  readonly end?: SessionEnd;
}

/** The use cases: create, find, list, rename and end sessions. The truth is in the cluster; this only asks it. */
export class Sessions {
  private readonly ended = new EndedSessions();
  private readonly followers = new Map<string, Set<(session: Session) => void>>();
  private readonly creating = new Map<string, Promise<unknown>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly rules: SessionRules,
    private readonly now: () => number = Date.now,
  ) {
    cluster.pods.onChange((pod, change) => this.noticed(pod, change));
  }

  profiles(): ProfileView[] {
    const views = this.cluster.templates.current().filter(isProfile).map(profileView);
    return views.sort((a, b) => Number(b.default) - Number(a.default) || a.name.localeCompare(b.name));
  }

  list(user: string): SessionView[] {
    const own = this.cluster.pods.current().filter((pod) => pod.metadata.labels?.[LABELS.user] === user);
    return own.map((pod) => this.view(pod)).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  /** A fresh look. @throws ProblemError no-session, session-ended */
  async find(user: string, id: string): Promise<SessionView> {
    return this.view(await this.own(user, id));
  }

  /** As `find`, for the terminal. */
  async open(user: string, id: string): Promise<Session> {
    return this.session(await this.own(user, id));
  }

  /** Creates a session; `created` is false when the key was seen before. */
  async create(user: string, request: NewSessionRequest): Promise<{ session: SessionView; created: boolean }> {
    const wrong = checkName(request.name ?? '');
    if (wrong !== undefined) throw new ProblemError('bad-request', undefined, [wrong]);
    // One after the other for each user, or two requests at once would both find the last place free.
    const before = this.creating.get(user) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.createNow(user, request));
    this.creating.set(user, mine);
    try {
      return await mine;
    } finally {
      if (this.creating.get(user) === mine) this.creating.delete(user);
    }
  }

  async rename(user: string, id: string, name: string): Promise<SessionView> {
    const wrong = checkName(name);
    if (wrong !== undefined) throw new ProblemError('bad-request', undefined, [wrong]);
    const pod = await this.own(user, id);
    const patch = { metadata: { annotations: { [ANNOTATIONS.name]: name } } };
    return this.view(await this.cluster.pods.patch(pod.metadata.name, patch));
  }

  /** Ends a session: its Pod is deleted, and every viewer hears of it from the watch. Ending twice is no error. */
  async end(user: string, id: string): Promise<void> {
    const pod = await this.own(user, id);
    try {
      await this.cluster.pods.delete(pod.metadata.name, pod.metadata.uid ?? '');
    } catch (error) {
      // 404: it is gone, which was the wish. 409: so it is, and another Pod has its name.
      if (!isApiFailure(error) || (error.status !== 404 && error.status !== 409)) throw error;
    }
  }

  /** Calls back on every change of a session until the returned function is called. */
  follow(id: string, listener: (session: Session) => void): () => void {
    const listeners = this.followers.get(id) ?? new Set();
    this.followers.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.followers.delete(id);
    };
  }

  /** How many sessions there are in each phase, as far as is known. */
  census(): Record<SessionPhase, number> {
    const census = { starting: 0, running: 0, lost: 0, ending: 0, ended: 0 };
    try {
      for (const pod of this.cluster.pods.current()) census[phaseOf(pod, this.now())] += 1;
    } catch (error) {
      if (!isApiFailure(error)) throw error;
    }
    return census;
  }

  private async createNow(
    user: string,
    request: NewSessionRequest,
  ): Promise<{ session: SessionView; created: boolean }> {
    const id = makeSessionId(user, request.key);
    if (request.key !== undefined) {
      const known = await this.existing(user, id);
      if (known !== undefined) return { session: this.view(known), created: false };
    }
    const taken = this.cluster.pods.current().filter((pod) => {
      return pod.metadata.labels?.[LABELS.user] === user && takesPlace(pod, this.now());
    });
    if (taken.length >= this.rules.sessionsPerUser) {
      throw new ProblemError('too-many-sessions', `The limit is ${this.rules.sessionsPerUser}. End one first.`);
    }
    const template = await this.template(request.profile ?? this.defaultProfile());
    const pod = instantiate(template, { id, user, name: request.name ?? '' });
    try {
      return { session: this.view(await this.cluster.pods.create(pod)), created: true };
    } catch (error) {
      if (!isApiFailure(error) || error.reason !== 'AlreadyExists') throw error;
      // Another replica was asked the same thing at the same time.
      return { session: this.view(await this.own(user, id)), created: false };
    }
  }

  private async existing(user: string, id: string): Promise<Pod | undefined> {
    try {
      return await this.own(user, id);
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'no-session') return undefined;
      throw error;
    }
  }

  private defaultProfile(): string {
    const profiles = this.profiles();
    const chosen = profiles.find((profile) => profile.default) ?? profiles[0];
    if (chosen === undefined) throw new ProblemError('unknown-profile', 'The namespace has no profiles.');
    return chosen.name;
  }

  private async template(name: string): ReturnType<Cluster['templates']['get']> {
    try {
      return await this.cluster.templates.get(name);
    } catch (error) {
      if (!isApiFailure(error) || error.status !== 404) throw error;
      const known = this.profiles().map((profile) => profile.name);
      throw new ProblemError('unknown-profile', undefined, [
        { field: 'profile', value: name, rule: `one of ${known.join(', ')}` },
      ]);
    }
  }

  private async own(user: string, id: string): Promise<Pod> {
    if (!isSessionId(id)) {
      throw new ProblemError('no-session', undefined, [{ field: 'id', value: id.slice(0, 100), rule: '[a-z2-7]{12}' }]);
    }
    let pod: Pod;
    try {
      pod = await this.cluster.pods.get(podName(id));
    } catch (error) {
      if (!isApiFailure(error) || error.status !== 404) throw error;
      const end = this.ended.get(id);
      if (end === undefined) throw new ProblemError('no-session');
      throw end.user === user ? new ProblemError('session-ended', end.message) : new ProblemError('no-session');
    }
    // Somebody else's: it is not said that it exists.
    if (pod.metadata.labels?.[LABELS.user] !== user) throw new ProblemError('no-session');
    return pod;
  }

  private noticed(pod: Pod, change: 'present' | 'gone'): void {
    const { session: id, user } = {
      session: pod.metadata.labels?.[LABELS.session],
      user: pod.metadata.labels?.[LABELS.user],
    };
    if (id === undefined || user === undefined) return;
    const session: Session = change === 'gone' ? { id, pod, phase: 'ended', end: endOf(pod) } : this.session(pod);
    if (session.end !== undefined && session.phase === 'ended') this.ended.remember(id, { ...session.end, user });
    for (const listener of [...(this.followers.get(id) ?? [])]) listener(session);
  }

  private session(pod: Pod): Session {
    const phase = phaseOf(pod, this.now());
    const id = pod.metadata.labels?.[LABELS.session] ?? '';
    return phase === 'ended' || phase === 'ending' ? { id, phase, pod, end: endOf(pod) } : { id, phase, pod };
  }

  private view(pod: Pod): SessionView {
    const { phase, end } = this.session(pod);
    const { labels, annotations, creationTimestamp } = pod.metadata;
    const message = phase === 'lost' ? lossOf(pod) : phase === 'starting' ? troubleOf(pod)?.message : end?.message;
    return {
      id: labels?.[LABELS.session] ?? '',
      name: annotations?.[ANNOTATIONS.name] ?? '',
      profile: labels?.[LABELS.profile] ?? '',
      phase,
      createdAt: creationTimestamp ?? new Date(0).toISOString(),
      ...(message === undefined ? {} : { message }),
      ...(phase === 'ended' && end !== undefined ? { endReason: end.reason } : {}),
      ...(pod.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
    };
  }
}
