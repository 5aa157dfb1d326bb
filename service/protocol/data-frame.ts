/**
 * Terminal bytes on the wire: `[op u8][offset u64 big-endian][bytes]`, one binary WebSocket message.
 * The offset is the position of the first byte in its stream, so a receiver always knows what it has and what it lacks.
 */
export interface DataFrame {
  readonly op: Op;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** `output`: keeper → viewer. `input`: viewer → keeper. `state`: keeper → viewer, what to write after a reset. */
export const OPS = { output: 1, input: 2, state: 3 } as const;
export type Op = (typeof OPS)[keyof typeof OPS];

export const DATA_FRAME_HEADER = 9;

/** Encodes a frame. @throws RangeError when the offset is not a safe integer ≥ 0. */
export function encodeDataFrame(op: Op, offset: number, bytes: Uint8Array): Uint8Array {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError(`offset ${offset}: want a safe integer ≥ 0`);
  const message = new Uint8Array(DATA_FRAME_HEADER + bytes.length);
  const header = new DataView(message.buffer);
  header.setUint8(0, op);
  header.setUint32(1, Math.floor(offset / 2 ** 32));
  header.setUint32(5, offset % 2 ** 32);
  message.set(bytes, DATA_FRAME_HEADER);
  return message;
}

/** Decodes a frame without copying its bytes; `undefined` when it is none (too short, unknown op, unsafe offset). */
export function decodeDataFrame(message: Uint8Array): DataFrame | undefined {
  if (message.length < DATA_FRAME_HEADER) return undefined;
  const header = new DataView(message.buffer, message.byteOffset, DATA_FRAME_HEADER);
  const op = header.getUint8(0);
  const offset = header.getUint32(1) * 2 ** 32 + header.getUint32(5);
  if (!isOp(op) || !Number.isSafeInteger(offset)) return undefined;
  return { op, offset, bytes: message.subarray(DATA_FRAME_HEADER) };
}

function isOp(value: number): value is Op {
  return value === OPS.output || value === OPS.input || value === OPS.state;
}
