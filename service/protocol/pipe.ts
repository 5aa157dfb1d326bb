import { LIMITS } from './limits.js';

/**
 * The same messages inside a byte stream (exec stdin/stdout, the keeper's unix socket):
 * `[length u32 big-endian][kind u8][message]`, where length counts the message alone.
 */
export interface PipeMessage {
  readonly kind: PipeKind;
  readonly message: Uint8Array;
}

/** `text`: a control message, UTF-8 JSON. `binary`: a data frame. */
export const PIPE_KINDS = { text: 0, binary: 1 } as const;
export type PipeKind = (typeof PIPE_KINDS)[keyof typeof PIPE_KINDS];

export const PIPE_HEADER = 5;

export function encodePipeMessage(kind: PipeKind, message: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(PIPE_HEADER + message.length);
  const header = new DataView(encoded.buffer);
  header.setUint32(0, message.length);
  header.setUint8(4, kind);
  encoded.set(message, PIPE_HEADER);
  return encoded;
}

/** Cuts a byte stream, arriving in pieces of any size, into its messages. */
export class PipeDecoder {
  private pending: Uint8Array = new Uint8Array(0);

  /** @throws RangeError on a length or kind that breaks the protocol; the stream cannot be read further. */
  push(chunk: Uint8Array): PipeMessage[] {
    const messages: PipeMessage[] = [];
    let rest = this.pending.length === 0 ? chunk : concat(this.pending, chunk);
    while (rest.length >= PIPE_HEADER) {
      const header = new DataView(rest.buffer, rest.byteOffset, PIPE_HEADER);
      const length = header.getUint32(0);
      const kind = header.getUint8(4);
      if (length > LIMITS.message) throw new RangeError(`message of ${length} bytes: the limit is ${LIMITS.message}`);
      if (kind !== PIPE_KINDS.text && kind !== PIPE_KINDS.binary)
        throw new RangeError(`message kind ${kind}: want 0 or 1`);
      if (rest.length < PIPE_HEADER + length) break;
      messages.push({ kind, message: rest.subarray(PIPE_HEADER, PIPE_HEADER + length) });
      rest = rest.subarray(PIPE_HEADER + length);
    }
    this.pending = rest;
    return messages;
  }
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
