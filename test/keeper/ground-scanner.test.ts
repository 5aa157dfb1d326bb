import fc from 'fast-check';
import { coreOf, createEmulator } from '../../service/keeper/emulator.js';
import { GroundScanner } from '../../service/keeper/ground-scanner.js';

/** Bytes that are likely to begin, continue or end something. */
const pieces = fc.oneof(
  fc
    .constantFrom(
      '\x1b',
      '[',
      ']',
      'P',
      '_',
      '^',
      'X',
      '\\',
      '\x07',
      '\x18',
      '\x1a',
      '?',
      '>',
      '$',
      ' ',
      '1',
      ';',
      'm',
      'a',
      '\n',
      '\x7f',
      '\x9b',
      '\x9c',
      '\x9d',
      '\x90',
      '\x98',
      '\x85',
      'é',
      '—',
      '字',
      '😀',
      '\ufeff',
    )
    .map((text) => Buffer.from(text)),
  fc.constantFrom(0xc2, 0xe2, 0xf0, 0x80, 0x9b, 0xff, 0xc0, 0xed, 0xa0).map((byte) => Buffer.from([byte])),
);

test('the scanner is in its ground state exactly where the emulator is', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.array(fc.nat(60), { maxLength: 4 }), (parts, cuts) => {
      const stream = Buffer.concat(parts);
      const core = coreOf(createEmulator({ cols: 10, rows: 3 }));
      const scanner = new GroundScanner(7);
      const ends = [...new Set([...cuts.filter((cut) => cut < stream.length), stream.length])].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        scanner.scan(stream.subarray(from, end));
        from = end;
      }
      // The emulator decodes some split sequences wrongly, so it gets the stream whole.
      core._inputHandler.parse(stream);
      const decoder = (core._inputHandler as unknown as { _utf8Decoder: { interim: Uint8Array } })._utf8Decoder;
      const isGround = core._inputHandler._parser.currentState === 0 && decoder.interim[0] === 0;
      expect(scanner.offset).toBe(7 + stream.length);
      expect(scanner.boundary === scanner.offset).toBe(isGround);
    }),
    { numRuns: 3000 },
  );
});
