import fc from 'fast-check';
import { LossyKeeper } from './lossy-keeper.js';
import { Page } from './page.js';

const step = fc.oneof(
  fc.record({ kind: fc.constant('print' as const), size: fc.integer({ min: 1, max: 300_000 }) }),
  fc.record({ kind: fc.constant('type' as const), size: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ kind: fc.constant('deliver' as const), size: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('cut' as const), size: fc.constant(0) }),
  fc.record({ kind: fc.constant('pass' as const), size: fc.integer({ min: 1, max: 8_000 }) }),
  fc.record({ kind: fc.constant('hide' as const), size: fc.integer({ min: 0, max: 1 }) }),
);

/** Bytes that show where they belong. */
function pattern(length: number, from: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => ((from + index) * 2654435761) >>> 24);
}

it('loses no byte and repeats none, in either direction, however the line is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const keeper = new LossyKeeper();
      const page = new Page(keeper.open);
      let typed = Buffer.alloc(0);
      page.connection.start();
      for (const { kind, size } of steps) {
        if (kind === 'print') keeper.print(pattern(size, keeper.output.length));
        else if (kind === 'deliver') keeper.deliver(size);
        else if (kind === 'cut') keeper.cut();
        else if (kind === 'pass') await page.clock.pass(size);
        else if (kind === 'hide') page.connection.setHidden(size === 1);
        else {
          const bytes = pattern(size, typed.length);
          typed = Buffer.concat([typed, bytes]);
          page.connection.type(bytes);
        }
      }
      page.connection.setHidden(false);
      for (let round = 0; round < 10_000; round++) {
        if (keeper.typed.length === typed.length && page.screen.written.length === keeper.output.length) break;
        keeper.deliver(100);
        if (keeper.idle) await page.clock.pass(1_000);
      }
      expect(keeper.typed.equals(typed)).toBe(true);
      expect(page.screen.written.equals(keeper.output)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
