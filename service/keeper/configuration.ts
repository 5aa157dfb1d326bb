import { LIMITS } from '../protocol/limits.js';

/** What the keeper is started with; times in milliseconds. */
export interface Configuration {
  readonly socket: string;
  readonly shell: string;
  /** 0: no limit. */
  readonly idle: number;
  /** 0: no limit. */
  readonly deadline: number;
  readonly hold: number;
  readonly logBytes: number;
  /** Where the reason of the end is written. @default nowhere */
  readonly terminationLog?: string | undefined;
}

/** The environment is not usable; the message lists everything that is wrong with it, one problem a line. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Node's timers end at 2³¹ milliseconds. */
const LONGEST = 2_000_000;
/** sockaddr_un ends there. */
const LONGEST_PATH = 107;

/** @throws ConfigurationError naming variable, value and rule of everything that is wrong. */
export function readConfiguration(environment: Environment): Configuration {
  const problems: string[] = [];
  const whole = (name: string, fallback: number, least: number, most: number): number => {
    const text = environment[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    problems.push(`${name}=${JSON.stringify(text)}: want a whole number from ${least} to ${most}`);
    return fallback;
  };
  const path = (name: string, fallback: string, longest = Infinity): string => {
    const value = environment[name] ?? fallback;
    if (!value.startsWith('/')) problems.push(`${name}=${JSON.stringify(value)}: want an absolute path`);
    if (Buffer.byteLength(value) > longest) problems.push(`${name}=${JSON.stringify(value)}: want ≤ ${longest} bytes`);
    return value;
  };
  const configuration = {
    socket: path('KEEPER_SOCKET', '/run/keeper/keeper.sock', LONGEST_PATH),
    shell: path('KEEPER_SHELL', '/bin/bash'),
    idle: 1000 * whole('KEEPER_IDLE_SECONDS', 0, 0, LONGEST),
    deadline: 1000 * whole('KEEPER_DEADLINE_SECONDS', 0, 0, LONGEST),
    hold: 1000 * whole('KEEPER_HOLD_SECONDS', LIMITS.hold / 1000, 0, 3600),
    logBytes: whole('KEEPER_LOG_BYTES', LIMITS.log, 2 * LIMITS.outputWindow, 256 * 1024 * 1024),
    terminationLog:
      environment['KEEPER_TERMINATION_LOG'] === undefined ? undefined : path('KEEPER_TERMINATION_LOG', ''),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}
