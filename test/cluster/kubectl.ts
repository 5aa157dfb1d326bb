import { join } from 'node:path';
import type { RunOptions } from './command.js';
import { run } from './command.js';

/** A cluster's administrator at the command line. */
export class Kubectl {
  constructor(
    readonly program: string,
    readonly kubeconfig: string,
  ) {}

  /** Runs kubectl and gives its output. Throws `CommandFailed` with its words. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return run(this.program, args, { ...options, env: { ...options.env, KUBECONFIG: this.kubeconfig } });
  }

  /** What `kubectl … -o json` prints. The caller knows the shape: it asked for it. */
  async json<Shape>(...args: readonly string[]): Promise<Shape> {
    return JSON.parse(await this.run([...args, '-o', 'json'])) as Shape;
  }

  /** Server-side apply, as its own field manager, with strict validation. */
  async apply(...objects: readonly object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.run(['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'], { input });
  }

  /** Runs a line of shell that says `kubectl`, as an operator who pastes it. */
  async paste(line: string): Promise<string> {
    const PATH = [join(this.program, '..'), process.env['PATH'] ?? ''].join(':');
    return run('sh', ['-c', line], { env: { PATH, KUBECONFIG: this.kubeconfig } });
  }
}
