import type { ServerResponse } from 'node:http';
import type { ApiRequest } from './api-request.js';
import type { KubeObject } from './kube-object.js';
import type { ObjectStore, StoreEvent } from './object-store.js';
import { apiVersionOf } from './resource-kind.js';
import { selectorOf } from './resource-api.js';
import type { Selector } from './selector.js';
import { StatusError } from './status-error.js';

/** A watcher that does not read is cut off beyond this many waiting bytes. */
const BACKLOG = 16 * 1024 * 1024;
const BOOKMARK_INTERVAL = 60_000;
/** How long a watch lasts when it does not say, seconds; a real server takes 30 to 60 minutes. */
const DURATION = 1800;

/** One watch: the changes of a kind as JSON lines, from a resource version on. */
export class WatchStream {
  private readonly wanted: Selector;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly unsubscribe: () => void;

  /** @throws StatusError before anything is sent: a selector or resource version that cannot be read */
  constructor(
    private readonly store: ObjectStore,
    private readonly request: ApiRequest,
    private readonly response: ServerResponse,
  ) {
    this.wanted = selectorOf(request);
    const from = resourceVersion(request);
    const { query } = request;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    this.unsubscribe = store.subscribe((event) => this.forward(event));
    response.once('close', () => this.end());
    const bookmarks = query.get('allowWatchBookmarks') === 'true';
    const known = from === 0 ? undefined : store.since(from);
    if (known !== undefined) for (const event of known) this.forward(event);
    else if (from !== 0) this.fail(from);
    else this.sendAll(query.get('sendInitialEvents') === 'true' && bookmarks);
    const seconds = Number(query.get('timeoutSeconds') ?? 0) || DURATION;
    if (bookmarks) this.timers.push(setInterval(() => this.bookmark(), BOOKMARK_INTERVAL));
    this.timers.push(
      setTimeout(
        () => {
          if (bookmarks) this.bookmark();
          response.end();
        },
        Math.min(seconds * 1000, 2 ** 31 - 1),
      ),
    );
  }

  private end(): void {
    this.unsubscribe();
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** The state as it is, as additions. */
  private sendAll(marked: boolean): void {
    const { kind, namespace, query } = this.request;
    if (query.get('sendInitialEvents') === 'false') return;
    for (const object of this.store.list(kind, namespace)) if (this.wanted(object)) this.sendObject('ADDED', object);
    if (marked) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  private forward({ type, kind, object, previous }: StoreEvent): void {
    if (kind !== this.request.kind) return;
    const is = type !== 'DELETED' && this.wanted(object);
    const was = previous !== undefined && this.wanted(previous);
    // For a watch with a selector an object appears and disappears as it comes to match and ceases to.
    if (is) this.sendObject(was ? 'MODIFIED' : 'ADDED', object);
    else if (was) this.sendObject('DELETED', object);
  }

  private bookmark(annotations?: Readonly<Record<string, string>>): void {
    const { kind } = this.request;
    const metadata = {
      resourceVersion: String(this.store.revision),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    };
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    this.send('BOOKMARK', JSON.stringify(object));
  }

  private fail(from: number): void {
    const message = `too old resource version: ${from} (${this.store.oldestRevision})`;
    this.send('ERROR', JSON.stringify(StatusError.expired(message).status));
    this.response.end();
  }

  private sendObject(type: StoreEvent['type'], object: KubeObject): void {
    this.send(type, this.store.serialise(object));
  }

  private send(type: string, json: string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    this.response.write(`{"type":"${type}","object":${json}}\n`);
    if (this.response.writableLength > BACKLOG) this.response.destroy();
  }
}

/** Where a watch starts: 0 for the present state. */
function resourceVersion({ query }: ApiRequest): number {
  const text = query.get('resourceVersion') ?? '';
  const version = text === '' ? 0 : Number(text);
  if (Number.isSafeInteger(version) && version >= 0) return version;
  throw StatusError.badRequest(
    `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );
}
