import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ImageProcess } from './image-process.js';
import { runCommand } from '../../service/images/run-command.js';

/** What an image's configuration says of the process that it starts. */
export interface ImageConfig {
  readonly user: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly directory: string;
}

/** How one process is run in an image. */
export interface ProcessProps {
  readonly command: readonly string[];
  /** Added to the image's own. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Empty writable folders, as a Pod's emptyDir volumes are; all else is read-only. @default none */
  readonly emptyDirs?: readonly string[];
}

/**
 * An image's root file system, mounted, whose programs are run as a restricted Pod's are: own mount and process
 * namespaces, read-only root, the image's user, no capability, no way to new ones. Neither runc nor a kubelet is needed.
 */
export class ImageRoot {
  private constructor(
    readonly config: ImageConfig,
    readonly folder: string,
    private readonly container: string,
  ) {}

  /** Mounts an image of buildah's store; `close` undoes it. */
  static async open(reference: string): Promise<ImageRoot> {
    const container = (await buildah('from', '--pull-never', reference)).trim();
    const folder = (await buildah('mount', container)).trim();
    const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', reference)) as InspectedImage;
    const { User, Entrypoint = [], Cmd = [], Env = [], ExposedPorts = {}, WorkingDir } = OCIv1.config;
    const config = {
      user: User ?? '',
      command: [...Entrypoint, ...Cmd],
      environment: Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s, 2))) as Record<string, string>,
      ports: Object.keys(ExposedPorts).sort(),
      directory: WorkingDir === undefined || WorkingDir === '' ? '/' : WorkingDir,
    };
    return new ImageRoot(config, folder, container);
  }

  async close(): Promise<void> {
    await buildah('rm', this.container);
  }

  /** Starts a process in namespaces of its own. */
  async start(props: ProcessProps): Promise<ImageProcess> {
    return ImageProcess.of(await this.launch(props));
  }

  /** Starts a further process beside one that `start` started, as `kubectl exec` does. */
  exec(beside: ImageProcess, { command, environment }: ProcessProps): ChildProcessWithoutNullStreams {
    return this.spawn(
      'nsenter',
      ['--target', String(beside.number), '--mount', '--pid', '--', ...this.enter(command)],
      environment,
    );
  }

  /** Runs a process to its end and returns what it printed on both streams, and its exit code. */
  async run(props: ProcessProps): Promise<{ readonly code: number | null; readonly output: string }> {
    const child = await this.launch(props);
    child.stdin.end();
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  }

  /** Puts a file where a mounted ConfigMap or Secret would put it; before the process starts. */
  async write(file: string, text: string): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** The files and folders of that name anywhere in the image, as absolute paths inside it. */
  async find(name: string): Promise<string[]> {
    const argv = ['find', this.folder, '-xdev', '-name', name, '-prune', '-print'] as const;
    const { output } = await runCommand({ argv: [...argv] }, false);
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(this.folder.length))
      .sort();
  }

  /** Whether the image has the file, links included. */
  async has(file: string): Promise<boolean> {
    return lstat(join(this.folder, file)).then(
      () => true,
      () => false,
    );
  }

  private async launch({
    command,
    environment,
    emptyDirs = [],
  }: ProcessProps): Promise<ChildProcessWithoutNullStreams> {
    for (const folder of ['/proc', '/dev', ...emptyDirs]) await mkdir(join(this.folder, folder), { recursive: true });
    const script = [
      'set -e; root=$1; shift',
      'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"',
      'mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"',
      ...emptyDirs.map((folder) => `mount -t tmpfs -o mode=1777 tmpfs "$root${folder}"`),
      'exec "$@"',
    ].join('\n');
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork'];
    return this.spawn(
      'unshare',
      [...namespaces, 'sh', '-c', script, 'sh', this.folder, ...this.enter(command)],
      environment,
    );
  }

  private enter(command: readonly string[]): string[] {
    const [user = '', group = user] = this.config.user.split(':');
    const login = ['--reuid', user, '--regid', group, '--clear-groups'];
    const confined = ['setpriv', ...login, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
    return [
      'chroot',
      this.folder,
      ...confined,
      '/bin/sh',
      '-c',
      'cd "$0" && exec "$@"',
      this.config.directory,
      ...command,
    ];
  }

  private spawn(program: string, words: readonly string[], environment = {}): ChildProcessWithoutNullStreams {
    return spawn(program, words, { env: { ...this.config.environment, ...environment }, stdio: 'pipe' });
  }
}

interface InspectedImage {
  readonly OCIv1: {
    readonly config: {
      readonly User?: string;
      readonly Entrypoint?: readonly string[];
      readonly Cmd?: readonly string[];
      readonly Env?: readonly string[];
      readonly ExposedPorts?: Readonly<Record<string, unknown>>;
      readonly WorkingDir?: string;
    };
  };
}

async function buildah(...words: readonly string[]): Promise<string> {
  const { ok, output, failure } = await runCommand({ argv: ['buildah', ...words] }, false);
  if (!ok) throw new Error(`buildah ${words[0] ?? ''}: ${failure}`);
  return output;
}
