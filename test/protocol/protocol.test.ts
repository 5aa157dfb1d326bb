import fc from 'fast-check';
import { retryAfter } from '../../service/protocol/close-code.js';
import { parseServerMessage, parseViewerMessage } from '../../service/protocol/control-message.js';
import { DATA_FRAME_HEADER, decodeDataFrame, encodeDataFrame, OPS } from '../../service/protocol/data-frame.js';
import { LIMITS } from '../../service/protocol/limits.js';
import { encodePipeMessage, PIPE_KINDS, PipeDecoder } from '../../service/protocol/pipe.js';
import { agreeOnVersion } from '../../service/protocol/version.js';

const op = fc.constantFrom(...Object.values(OPS));
const offset = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array({ maxLength: 300 });

describe('a data frame', () => {
  test('comes back as it was sent, also past 4 GiB', () => {
    fc.assert(
      fc.property(op, offset, bytes, (sent, at, payload) => {
        expect(decodeDataFrame(encodeDataFrame(sent, at, payload))).toEqual({ op: sent, offset: at, bytes: payload });
      }),
    );
  });

  test('is refused when it is too short, of an unknown kind, or at an offset no number can hold', () => {
    const frame = encodeDataFrame(OPS.output, 0, new Uint8Array([1]));
    expect(decodeDataFrame(frame.subarray(0, DATA_FRAME_HEADER - 1))).toBeUndefined();
    expect(decodeDataFrame(Uint8Array.of(9, ...frame.subarray(1)))).toBeUndefined();
    expect(decodeDataFrame(Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255, 255))).toBeUndefined();
    expect(() => encodeDataFrame(OPS.output, -1, new Uint8Array())).toThrow(RangeError);
  });
});

describe('the pipe', () => {
  test('gives back the same messages however the stream is cut', () => {
    const message = fc.record({ kind: fc.constantFrom(PIPE_KINDS.text, PIPE_KINDS.binary), message: bytes });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, cuts) => {
          const stream = Buffer.concat(sent.map((each) => encodePipeMessage(each.kind, each.message)));
          const decoder = new PipeDecoder();
          const got = [];
          for (let at = 0, cut = 0; at < stream.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            got.push(
              ...decoder
                .push(stream.subarray(at, at + size))
                .map((each) => ({ ...each, message: Uint8Array.from(each.message) })),
            );
            at += size;
          }
          expect(got).toEqual(sent);
        },
      ),
    );
  });

  test('stops at a length over the limit or an unknown kind, before it buffers anything', () => {
    const header = (length: number, kind: number): Uint8Array => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(length);
      head.writeUInt8(kind, 4);
      return head;
    };
    expect(() => new PipeDecoder().push(header(LIMITS.message + 1, 0))).toThrow(/limit/);
    expect(() => new PipeDecoder().push(header(1, 7))).toThrow(/kind/);
  });
});

describe('a control message', () => {
  const hello = {
    type: 'hello',
    version: 1,
    viewer: 'viewer-1',
    output: null,
    input: 0,
    columns: 80,
    rows: 24,
    write: true,
  };

  test('is read when every field is as the protocol says', () => {
    expect(parseViewerMessage(JSON.stringify(hello))).toEqual({ message: hello });
    expect(parseServerMessage('{"type":"gap","from":1,"to":2}')).toEqual({ message: { type: 'gap', from: 1, to: 2 } });
  });

  test('names every bad field at once', () => {
    const bad = JSON.stringify({ ...hello, viewer: 'no spaces allowed', columns: 0, rows: 1e9, write: 'yes' });
    expect(parseViewerMessage(bad)).toEqual({ problem: 'hello: bad viewer, columns, rows, write' });
  });

  test('of a type from a newer version is ignored, and a new field of a known type as well', () => {
    expect(parseViewerMessage('{"type":"someday"}')).toEqual({});
    expect(parseViewerMessage('{"type":"take","someday":1}').message).toMatchObject({ type: 'take' });
  });

  test('that is no JSON object, or names an inherited property as its type, is a problem or ignored, never an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseViewerMessage(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseServerMessage(text)));
    expect(parseViewerMessage('[]')).toEqual({ problem: 'not a JSON object' });
    expect(parseViewerMessage('{"type":"constructor"}')).toEqual({});
  });
});

describe('the version', () => {
  test('is the best that both ends speak: a newer viewer steps down, an older one is served down to the oldest', () => {
    expect(agreeOnVersion(3, 2, 1)).toBe(2);
    expect(agreeOnVersion(1, 2, 1)).toBe(1);
    expect(agreeOnVersion(0, 2, 1)).toBeUndefined();
    expect(agreeOnVersion(1.5, 2, 1)).toBeUndefined();
  });
});

describe('a close code', () => {
  test('says what the client does next; an unknown one means the network went away', () => {
    expect(retryAfter(4401)).toBe('login');
    expect(retryAfter(4410)).toBe('never');
    expect(retryAfter(1012)).toBe('later');
    expect(retryAfter(1001)).toBe('later');
    expect(retryAfter(1006)).toBe('now');
  });
});
