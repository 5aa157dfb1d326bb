import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that runs in an image, as number 1 of its process namespace. */
export class ImageProcess {
  private constructor(
    readonly child: ChildProcessWithoutNullStreams,
    /** Its number seen from outside. */
    readonly number: number,
  ) {}

  /** Waits until `unshare` has made the process. @throws Error if it ends before */
  static async of(unshare: ChildProcessWithoutNullStreams): Promise<ImageProcess> {
    const pid = String(unshare.pid);
    while (unshare.exitCode === null) {
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
      const number = Number(children.trim());
      if (number > 0) return new ImageProcess(unshare, number);
      await delay(5);
    }
    throw new Error(`unshare ended with ${unshare.exitCode}`);
  }

  /** TERM asks, as a kubelet does when the Pod is deleted; KILL ends everything in the namespace. @returns its exit code */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    // Not unshare: a change of user clears the parent-death signal by which it would take the process along.
    process.kill(this.number, signal);
    return ended;
  }
}
