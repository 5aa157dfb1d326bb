import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.js';
import { makeCgroups } from './cgroups.js';
import type { RunOptions } from './command.js';
import { run } from './command.js';
import { eventually } from './eventually.js';
import { namespacePath } from './lab-network.js';

/** A program that the host's pid 1 starts, and starts again a second after it ends. */
export interface HostService {
  readonly name: string;
  readonly command: readonly string[];
  /** Not before this file exists. @default at once */
  readonly waitFor?: string;
  /** A file `NAME="--flag=…"` whose flags are appended. @default none */
  readonly flagsFile?: string;
}

/** A mount inside the host, made in the order given. */
export interface HostMount {
  readonly type: 'bind' | 'overlay' | 'tmpfs';
  /** @default none, for a tmpfs */
  readonly source?: string;
  readonly target: string;
  /** Of a tmpfs, in octal digits. @default 755 */
  readonly mode?: string;
}

/** A host to boot. */
export interface HostProps {
  readonly lab: string;
  readonly name: string;
  /** The host's own files; logs/, pids/ and down/ in it belong to its services. */
  readonly folder: string;
  readonly mounts: readonly HostMount[];
  readonly services: readonly HostService[];
  /** Search path of the services and of commands run on the host. */
  readonly path: string;
  /** The `host` binary of modules/host. */
  readonly program: string;
}

/** Where a host sees its own folder. */
export const INSIDE = '/run/berth/host';

/** Namespaces that behave like a host of its own: a name, a network, processes, cgroups and mounts. */
export class HostProcess {
  constructor(private readonly props: HostProps) {}

  /** The machine's pid of the host's pid 1; undefined while the host is down. */
  async pid(): Promise<number | undefined> {
    const text = await readFile(join(this.props.folder, 'pid'), 'utf8').catch(() => '');
    const pid = Number(text);
    if (text === '') return undefined;
    const running = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return running.includes(join(this.props.folder, 'host.json')) ? pid : undefined; // pids are used again
  }

  /** Starts the host; its network namespace must be there. Returns when its mounts are made. */
  async boot(): Promise<void> {
    const { lab, name, folder, mounts, services, program, path } = this.props;
    for (const each of ['logs', 'pids', 'down']) await mkdir(join(folder, each), { recursive: true });
    await Promise.all(['pid', 'pids', 'ready'].map((each) => rm(join(folder, each), { recursive: true, force: true })));
    await mkdir(join(folder, 'pids'));
    const file = join(folder, 'host.json');
    const config = {
      hostname: name,
      networkNamespace: namespacePath(lab, name),
      folder,
      ...(await makeCgroups(lab, name)),
      mounts: mounts.map((mount) => ({ mode: '755', ...mount })),
      services: services.map((service) => ({ ...service, environment: [`PATH=${path}`] })),
      readOnlyRoot: true,
    };
    await writeFile(file, JSON.stringify(config, undefined, 2));
    const log = await open(join(folder, 'logs/host.log'), 'a');
    const child = spawn(program, ['boot', file], { detached: true, stdio: ['ignore', log.fd, log.fd] });
    child.on('error', () => undefined); // what follows says so, with the log's words
    child.unref();
    await log.close();
    const booted = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(await readFile(join(folder, 'logs/host.log'), 'utf8'));
      return exists(join(folder, 'ready'));
    };
    await eventually(`${name} to boot`, booted, { within: 15_000, every: 25 });
  }

  /** The command line that runs `command` on the host, for `spawn`. Throws while the host is down. */
  async enter(command: readonly string[]): Promise<readonly [string, ...string[]]> {
    const pid = await this.pid();
    if (pid === undefined) throw new Error(`${this.props.name} is down: boot it first`);
    const namespaces = ['-m', '-n', '-u', '-i', '-p', '-C'];
    // None of this machine's environment: kubeadm, for one, would obey its KUBECONFIG.
    return ['nsenter', '-t', String(pid), ...namespaces, 'env', '-i', `PATH=${this.props.path}`, ...command];
  }

  /** Runs a command on the host to its end and gives its output. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const [program, ...args] = await this.enter(command);
    return run(program, args, options);
  }

  /** Sends a signal to a service; one that ends is started again. Throws when it does not run. */
  async signal(service: string, signal: string): Promise<void> {
    await this.run(['kill', `-${signal}`, await this.serviceId(service)]);
  }

  /** The pid of a service, as the host counts. Throws when it does not run. */
  async serviceId(service: string): Promise<string> {
    return readFile(join(this.props.folder, 'pids', service), 'utf8');
  }

  /** Whether a service may run: while it may not, its pid 1 does not start it again. */
  async allow(service: string, allowed: boolean): Promise<void> {
    const file = join(this.props.folder, 'down', service);
    await (allowed ? rm(file, { force: true }) : writeFile(file, ''));
  }

  /** `kill -9` of pid 1: all of the host ends at once, as when a machine loses power. */
  async crash(): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) throw new Error(`${this.props.name} is down already`);
    process.kill(pid, 'SIGKILL');
    await eventually(`${this.props.name} to go down`, async () => (await this.pid()) === undefined);
  }
}
