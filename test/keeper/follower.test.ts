import fc from 'fast-check';
import { ByteLog } from '../../service/keeper/byte-log.js';
import { coreOf, createEmulator } from '../../service/keeper/emulator.js';
import { Follower } from '../../service/keeper/follower.js';
import type { Snapshot } from '../../service/keeper/follower.js';
import { SizeHistory } from '../../service/keeper/size-history.js';
import { TerminalState } from '../../service/keeper/terminal-state.js';
import { pictureOf } from './terminal-picture.js';
import { vtPiece } from './vt-streams.js';
import type { Terminal } from '@xterm/headless';

const SCROLLBACK = 50;
const MiB = 1024 * 1024;

/** A log that is followed, and a terminal that has seen everything. */
class Followed {
  readonly log: ByteLog;
  readonly sizes = new SizeHistory({ columns: 20, rows: 6 });
  readonly follower: Follower;
  readonly whole: Terminal = createEmulator({ cols: 20, rows: 6, scrollback: SCROLLBACK });
  parsed = 0;

  constructor(capacity = 4 * MiB) {
    this.log = new ByteLog(capacity);
    const terminal = new TerminalState({ columns: 20, rows: 6, scrollback: SCROLLBACK });
    const write = terminal.write.bind(terminal);
    terminal.write = (bytes) => {
      this.parsed += bytes.length;
      return write(bytes);
    };
    this.follower = new Follower({ log: this.log, sizes: this.sizes, terminal });
  }

  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 32_768) {
      const chunk = bytes.subarray(at, at + 32_768);
      this.follower.makeRoom(chunk.length);
      this.log.append(chunk);
    }
    coreOf(this.whole)._inputHandler.parse(bytes);
  }

  resize(columns: number, rows: number): void {
    this.sizes.record(this.log.end, { columns, rows });
    this.whole.resize(columns, rows);
  }

  /** What a viewer sees that starts from `snapshot` and gets the rest of the log. */
  replayed({ columns, rows, state, output, sized }: Snapshot): Terminal {
    const screen = createEmulator({ cols: columns, rows, scrollback: SCROLLBACK });
    const { parse } = coreOf(screen)._inputHandler;
    const write = (bytes: Buffer): void => parse.call(coreOf(screen)._inputHandler, bytes);
    write(state);
    let at = output;
    for (let change = this.sizes.after(sized); change !== undefined; change = this.sizes.after(change.serial)) {
      write(this.log.slice(at, change.offset));
      at = change.offset;
      screen.resize(change.columns, change.rows);
    }
    write(this.log.slice(at, this.log.end));
    return screen;
  }
}

test('a replay taken anywhere in a stream ends in the same screen as the stream, wherever it was cut', () => {
  const part = fc.oneof(
    { weight: 20, arbitrary: fc.array(vtPiece, { minLength: 1, maxLength: 20 }).map((pieces) => pieces.join('')) },
    {
      weight: 1,
      arbitrary: fc.record({ columns: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 6, max: 9 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 6 }), (parts, cuts) => {
      const followed = new Followed();
      let rows = 6;
      for (const [index, next] of parts.entries()) {
        if (typeof next !== 'string') {
          // Rows only grow; see the terminal's own property.
          rows = Math.max(rows, next.rows);
          followed.resize(next.columns, rows);
          continue;
        }
        const bytes = Buffer.from(next);
        const cut = (cuts[index] ?? 0) % (bytes.length + 1);
        // The emulator decodes some characters wrongly when they come in two pieces: the whole one gets them whole.
        followed.log.append(bytes.subarray(0, cut));
        const early = followed.follower.snapshot();
        followed.log.append(bytes.subarray(cut));
        coreOf(followed.whole)._inputHandler.parse(bytes);
        expect(pictureOf(followed.replayed(early), true)).toEqual(pictureOf(followed.whole, true));
      }
      expect(pictureOf(followed.replayed(followed.follower.snapshot()), true)).toEqual(pictureOf(followed.whole, true));
    }),
    // One seed, as in the terminal's own property.
    { numRuns: 150, seed: 20261121 },
  );
});

test('after more than the log holds a replay still shows what the whole stream would, modes of the beginning included', () => {
  const followed = new Followed();
  followed.append(Buffer.from('\x1b[?2004h\x1b[?1006h\x1b[?1002h\x1b]2;a title\x07\x1b[?25l\x1b[3 q'));
  for (let line = 0; line < 110_000; line++)
    followed.append(Buffer.from(`\x1b[3${line % 8}mline ${line}\x1b[0m with some colour in it\r\n`));
  expect(followed.log.start).toBeGreaterThan(0);
  const snapshot = followed.follower.snapshot();
  expect(snapshot.output).toBe(followed.log.end);
  expect(pictureOf(followed.replayed(snapshot))).toEqual(pictureOf(followed.whole));
  expect(snapshot.state.toString()).toContain('a title');
});

test.each([
  ['plain', (line: number) => `plain line ${line} ${'x'.repeat(line % 37)} é\t.\r\n`],
  ['coloured', (line: number) => `\x1b[1;3${line % 8}m${line}\x1b[0m of \x1b[48:5:${line % 256}mall\x1b[m.\r\n`],
  // A colour that stays for thousands of lines: what is skipped must not take it along.
  [
    'seldom reset',
    (line: number) => `${line % 5000 ? '' : `\x1b[0m\x1b[3${(line / 5000) % 8}m`}${line}\x1b[4${line % 7}m of all\r\n`,
  ],
])('text that has scrolled away is skipped, with the same screen in the end: %s', (_kind, lineOf) => {
  const followed = new Followed();
  followed.append(Buffer.from('\x1b[1;31mbefore\x1b[5;3H'));
  for (let line = 0; line < 200_000; line++) {
    followed.append(Buffer.from(lineOf(line)));
    if (line % 20_000 === 19_999) followed.follower.catchUp();
  }
  const snapshot = followed.follower.snapshot();
  expect(pictureOf(followed.replayed(snapshot))).toEqual(pictureOf(followed.whole));
  expect(followed.parsed).toBeLessThan(followed.log.end / 3);
});

test('margins, a sequence without end and a log smaller than one keep the screen right', () => {
  const followed = new Followed(MiB);
  followed.append(Buffer.from('\x1b[2;4r\x1b[4;1H'));
  followed.append(Buffer.from('inside the margins\r\n'.repeat(20_000)));
  followed.append(Buffer.from(`\x1b]52;c;${'QUJD'.repeat(400_000)}`));
  followed.append(Buffer.from('\x07after'));
  expect(pictureOf(followed.replayed(followed.follower.snapshot()))).toEqual(pictureOf(followed.whole));
  followed.append(Buffer.from(`\x1bP$q${'q'.repeat(100_000)}`));
  const inside = followed.follower.snapshot();
  followed.append(Buffer.from('still inside\x1b\\outside'));
  expect(pictureOf(followed.replayed(inside))).toEqual(pictureOf(followed.whole));
});
