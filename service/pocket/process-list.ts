import { execFile } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { promisify } from 'node:util';

/** A process of this machine. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Tells a process from a later one with the same pid. */
  readonly start: string;
  readonly command: string;
  /** What the environment says; where reading it takes a call of its own, `markerOf` makes it. @default not read */
  readonly marker?: string | undefined;
}

/** The environment variable by which a container's processes are known, wherever they went. */
export const MARKER = 'POCKET_CLUSTER_CONTAINER';

export const HAS_PROC = process.platform === 'linux';

const PAGE = 4096;
const run = promisify(execFile);
/** Longer than any line of /proc that is read whole: reading without asking for the size first halves the calls. */
const line = Buffer.alloc(4096);

/** The pids of all processes (Linux). */
export function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** A process as /proc tells; `undefined` when it has ended. */
export function readProcess(pid: number): ProcessRow | undefined {
  const stat = readLine(`/proc/${pid}/stat`);
  const end = stat.lastIndexOf(')');
  // From the third field on: state, parent, process group, session, …; the start time is the 22nd.
  const fields = stat.slice(end + 2).split(' ');
  if (stat === '' || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    pid,
    parent: Number(fields[1]),
    session: Number(fields[3]),
    start: fields[19] ?? '',
    command: stat.slice(stat.indexOf('(') + 1, end),
  };
}

/** The marker in a process's environment (Linux); `undefined` when there is none or it is not ours to see. */
export function markerOf(pid: number): string | undefined {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const start = environment.indexOf(`\0${MARKER}=`);
    if (start < 0) return undefined;
    const value = start + MARKER.length + 2;
    const end = environment.indexOf('\0', value);
    return environment.slice(value, end < 0 ? undefined : end);
  } catch {
    return undefined;
  }
}

/** Bytes of a process's own: not mapped from files, not shared. 0 where there is no /proc. */
export function privateMemory(pid: number): number {
  const [, resident = 0, shared = 0] = readLine(`/proc/${pid}/statm`).split(' ').map(Number);
  return (resident - shared) * PAGE;
}

/** By how many thousandths of all memory the kernel shall think a process bigger than it is. */
export function scoreAdjustment(pid: number): number {
  return Number(readLine(`/proc/${pid}/oom_score_adj`));
}

/** All processes by `ps`, for systems without /proc. Its `E` shows the environment of one's own processes. */
export async function listByPs(): Promise<ProcessRow[]> {
  const columns = ['-A', '-E', '-ww', '-o', 'pid=,ppid=,pgid=,command='];
  const { stdout } = await run('ps', columns, { maxBuffer: 2 ** 26 });
  return stdout.split('\n').flatMap((text) => {
    const parts = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)(.*)$/.exec(text);
    if (parts === null) return [];
    const [pid = 0, parent = 0, session = 0] = parts.slice(1, 4).map(Number);
    const marker = new RegExp(`${MARKER}=(\\S+)`).exec(parts[5] ?? '')?.[1];
    return [{ pid, parent, session, start: '', command: parts[4] ?? '', marker }];
  });
}

/** Empty when the process has ended meanwhile. */
function readLine(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    return line.toString('latin1', 0, readSync(handle, line, 0, line.length, 0));
  } catch {
    return '';
  } finally {
    closeSync(handle);
  }
}
