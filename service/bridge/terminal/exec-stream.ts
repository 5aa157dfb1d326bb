/** What the terminal needs of an exec: a byte stream both ways with backpressure. */
export interface ExecStream {
  /** Bytes written and not yet given to the network. */
  readonly bufferedAmount: number;
  readonly paused: boolean;
  write(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Ends the command's stdin. No handler is called with output after it. */
  close(): void;
}

/** `exited`, `failed`: the kubelet's word. `lost`: the way to it broke, and the shell goes on. */
export interface ExecStreamEnd {
  readonly kind: 'exited' | 'failed' | 'lost';
  /** Of `exited`. */
  readonly code?: number;
}

/** Opens `keeper-attach` in a session's Pod. Fails with an `ApiFailure`. */
export type OpenExec = (
  podName: string,
  handlers: { readonly onOutput: (chunk: Uint8Array) => void; readonly onEnd: (end: ExecStreamEnd) => void },
) => Promise<ExecStream>;
