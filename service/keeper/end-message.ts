import type { EndReason } from '../protocol/control-message.js';
import type { ShellExit } from './shell.js';

const SENTENCES: Readonly<Partial<Record<EndReason, string>>> = {
  ended: 'The session was ended.',
  idle: 'Nothing had happened for the idle limit.',
  deadline: 'The session reached its time limit.',
  'out-of-memory': 'The sandbox ran out of memory and the kernel killed its shell.',
};

/** Why the session ended, for people. */
export function describeEnd(reason: EndReason, exit?: ShellExit): string {
  const sentence = SENTENCES[reason];
  if (sentence !== undefined) return sentence;
  if (exit === undefined) return 'The session is over.';
  return exit.signal === undefined
    ? `The shell exited with code ${exit.code}.`
    : `The shell was ended by ${exit.signal}.`;
}
