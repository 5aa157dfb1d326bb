import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../service/images/run-command.js';

/** A containerd with a store of its own: enough of a node to import images into, with nothing that runs them. */
export class Containerd {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error naming the package if containerd is missing, or its last words if it does not start */
  static async open(): Promise<Containerd> {
    const folder = await mkdtemp(join(tmpdir(), 'berth-containerd-'));
    const config = [
      'version = 2',
      `root = "${join(folder, 'root')}"`,
      `state = "${join(folder, 'state')}"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      `[grpc]\naddress = "${join(folder, 'socket')}"`,
    ];
    await writeFile(join(folder, 'config.toml'), `${config.join('\n')}\n`);
    const child = spawn('containerd', ['--config', join(folder, 'config.toml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const opened = new Containerd(folder, child);
    let said = '';
    try {
      await new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (chunk: Buffer) => {
          said = (said + chunk.toString()).slice(-2000);
          if (said.includes('successfully booted')) resolve();
        });
        child.once('error', () => reject(new Error('containerd is not installed: apt-get install -y containerd')));
        child.once('exit', () => reject(new Error(`containerd ended: ${said}`)));
      });
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** For programs that shall use this one: `ctr` reads it. */
  get environment(): Record<string, string> {
    return { CONTAINERD_ADDRESS: join(this.folder, 'socket') };
  }

  /** Removes an image, as garbage collection does. */
  async remove(reference: string): Promise<void> {
    const argv = ['ctr', '--namespace', 'k8s.io', 'images', 'remove', reference] as const;
    const { ok, failure } = await runCommand({ argv: [...argv], environment: this.environment }, false);
    if (!ok) throw new Error(failure);
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.pid !== undefined) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
