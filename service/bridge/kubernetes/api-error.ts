/** What the API server answered instead of success, or why no answer came (`status` 0, `reason` `Unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** The HTTP status; 0 when there was none. */
    readonly status: number,
    /** The Status object's reason, e.g. `Forbidden`, `AlreadyExists`, `Expired`. */
    readonly reason: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Reads a `Status` object; any other body becomes the message, so that a proxy's error page is not lost. */
  static fromBody(status: number, body: string): ApiError {
    const parsed = parseStatus(body);
    const message = parsed?.message ?? (body.trim().slice(0, 500) || `HTTP ${status}`);
    return new ApiError(parsed?.code ?? status, parsed?.reason ?? 'Unknown', message);
  }

  static unreachable(cause: unknown): ApiError {
    const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
    return new ApiError(0, 'Unreachable', `the Kubernetes API does not answer: ${detail}`, { cause });
  }
}

/** The fields of meta/v1 Status that matter here. */
export interface Status {
  readonly kind: 'Status';
  readonly status?: 'Success' | 'Failure';
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** `undefined` when `body` is not a Status object. */
export function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('kind' in value && value.kind === 'Status') return value as Status;
    // The exec channel's Status leaves `kind` out on some servers.
    return 'status' in value && (value.status === 'Success' || value.status === 'Failure')
      ? { ...(value as Status), kind: 'Status' }
      : undefined;
  } catch {
    return undefined;
  }
}
