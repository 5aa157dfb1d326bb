/** A rendering that must not be written, with every reason why. */
export class SynthError extends Error {
  override readonly name = 'SynthError';

  constructor(readonly complaints: readonly string[]) {
    super(complaints.join('\n'));
  }
}
