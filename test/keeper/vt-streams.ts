import fc from 'fast-check';

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 12 }).map((s) => s.replace(/[^ -~]/g, 'x')) },
  { weight: 2, arbitrary: fc.constantFrom('字', '漢字', 'é', 'e\u0301', 'a\u0301\u0308', '😀', 'ｱ', '—', '한글') },
);
const number = fc.nat(14);
const csi = (final: string, ...params: fc.Arbitrary<number>[]): fc.Arbitrary<string> =>
  fc.tuple(...params).map((values) => `\x1b[${values.join(';')}${final}`);

const sgr = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '0',
        '1',
        '2',
        '3',
        '4',
        '4:3',
        '4:5',
        '21',
        '5',
        '7',
        '8',
        '9',
        '53',
        '22',
        '23',
        '24',
        '27',
        '39',
        '49',
        '59',
      ),
      fc.integer({ min: 30, max: 37 }).map(String),
      fc.integer({ min: 40, max: 47 }).map(String),
      fc.integer({ min: 90, max: 107 }).map(String),
      fc.nat(255).map((n) => `38;5;${n}`),
      fc.nat(255).map((n) => `48;5;${n}`),
      fc.nat(255).map((n) => `38;2;${n};7;${255 - n}`),
      fc.nat(255).map((n) => `48;2;1;${n};3`),
      fc.nat(255).map((n) => `58;5;${n}`),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((codes) => `\x1b[${codes.join(';')}m`);

const mode = fc
  .tuple(fc.constantFrom(1, 6, 7, 25, 45, 66, 1000, 1002, 1003, 9, 1004, 1006, 1016, 2004), fc.constantFrom('h', 'l'))
  .map(([code, set]) => `\x1b[?${code}${set}`);

/** One piece of what programs send, from plain text to the rarest mode. */
export const vtPiece: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: text },
  { weight: 5, arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\b', '\t', '\x1bM', '\x1bD', '\x1bE') },
  { weight: 5, arbitrary: sgr },
  { weight: 3, arbitrary: csi('H', number, number) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      csi('A', number),
      csi('B', number),
      csi('C', number),
      csi('D', number),
      csi('G', number),
      csi('d', number),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      csi('J', fc.nat(2)),
      csi('K', fc.nat(2)),
      csi('X', number),
      csi('P', number),
      csi('@', number),
      csi('b', number),
    ),
  },
  { weight: 2, arbitrary: fc.oneof(csi('L', number), csi('M', number), csi('S', number), csi('T', number)) },
  { weight: 1, arbitrary: csi('r', number, number) },
  { weight: 2, arbitrary: mode },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b7', '\x1b8', '\x1b[4h', '\x1b[4l', '\x1b[20h', '\x1b[20l', '\x1b=', '\x1b>'),
  },
  { weight: 1, arbitrary: fc.constantFrom('\x1b(0', '\x1b(B', '\x1b)0', '\x0e', '\x0f', '\x1bH', '\x1b[g', '\x1b[3g') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b[?1049h', '\x1b[?1049l', '\x1b[?1047h', '\x1b[?1047l', '\x1b[!p', '\x1bc'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b[0 q', '\x1b[3 q', '\x1b[6 q', '\x1b[1"q', '\x1b[0"q', '\x1b]2;title\x07'),
  },
);
