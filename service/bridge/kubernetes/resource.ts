import { ApiError, type Status } from './api-error.js';
import type { ApiClient } from './api-client.js';

/** The metadata that every object has. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

export interface List<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject };

/** Restricts a list or a watch. */
export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** How long the server keeps one watch open, in seconds; the client gives up `WATCH_SLACK` later: a half-open one hangs. */
const WATCH_SECONDS = 60;
const WATCH_SLACK = 15;

/** One kind of the core API in one namespace. Every failure is an `ApiError`. */
export class Resource<T extends KubeObject> {
  private readonly path: string;

  constructor(
    private readonly client: ApiClient,
    namespace: string,
    plural: string,
  ) {
    this.path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  }

  get(name: string): Promise<T> {
    return this.client.json<T>({ method: 'GET', path: this.named(name) });
  }

  async list(selection: Selection = {}, signal?: AbortSignal): Promise<List<T>> {
    const list = await this.client.json<{ items?: T[]; metadata: { resourceVersion: string } }>({
      method: 'GET',
      path: this.path,
      query: { ...selection },
      ...(signal === undefined ? {} : { signal }),
    });
    return { items: list.items ?? [], resourceVersion: list.metadata.resourceVersion };
  }

  create(object: unknown): Promise<T> {
    return this.client.json<T>({ method: 'POST', path: this.path, body: object });
  }

  /** A JSON merge patch. */
  patch(name: string, patch: unknown): Promise<T> {
    return this.client.json<T>({
      method: 'PATCH',
      path: this.named(name),
      body: patch,
      contentType: 'application/merge-patch+json',
    });
  }

  /** Deletes only the object with this uid: 409 when another one has taken the name. */
  async delete(name: string, uid: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    await this.client.json({ method: 'DELETE', path: this.named(name), body });
  }

  /**
   * Yields what happens after `resourceVersion` until the server ends the watch.
   * `opened` is called when the server has accepted it. @throws ApiError; status 410: list again.
   */
  async *watch(
    resourceVersion: string,
    selection: Selection,
    signal: AbortSignal,
    opened: () => void,
  ): AsyncGenerator<WatchEvent<T>> {
    const response = await this.client.open({
      method: 'GET',
      path: this.path,
      query: {
        ...selection,
        watch: 'true',
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(WATCH_SECONDS),
        resourceVersion,
      },
      signal,
    });
    opened();
    const watchdog = setTimeout(
      () => response.destroy(new Error('silent watch')),
      (WATCH_SECONDS + WATCH_SLACK) * 1000,
    );
    try {
      for await (const line of lines(response)) yield readEvent<T>(line);
    } finally {
      clearTimeout(watchdog);
      response.destroy();
    }
  }

  private named(name: string): string {
    return `${this.path}/${encodeURIComponent(name)}`;
  }
}

function readEvent<T>(line: string): WatchEvent<T> {
  let event: WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw new ApiError(0, 'Unreadable', 'the Kubernetes API sent a watch event that is not JSON', { cause });
  }
  if (event.type === 'ERROR') throw ApiError.fromBody(500, JSON.stringify(event.object));
  return event;
}

async function* lines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
}
