/** One WebSocket, as far as a connection uses it. After `closed` none of the events comes again. */
export interface Socket {
  send(message: string | Uint8Array): void;
  /** Leaves. `closed` may come late or never when the other side is out of reach. */
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  text(message: string): void;
  binary(message: Uint8Array): void;
  /** 1006 when it was lost, or refused before it was open. */
  closed(code: number): void;
}

export type OpenSocket = (events: SocketEvents) => Socket;
