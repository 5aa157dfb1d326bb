import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALL } from './chromium.js';

/** A documentation address (RFC 5737): not loopback, and nobody's. */
const ADDRESS = '192.0.2.10';
const PORT = 31000;

/**
 * A network namespace with one address that is not loopback, behind which the bridge answers – as a browser sees a
 * NodePort. Nothing else is reachable there, and nothing of it from outside: the two sides meet in a unix socket.
 */
export class NodeAddress {
  readonly url = `http://${ADDRESS}:${PORT}`;

  private constructor(
    private readonly namespace: string,
    private readonly directory: string,
    private readonly near: Server,
    private readonly far: ChildProcess,
    /** Starts Chromium inside. */
    readonly chromium: string,
  ) {}

  /** @param port where the bridge listens on 127.0.0.1 */
  static async open(port: number): Promise<NodeAddress> {
    if (process.getuid?.() !== 0) throw new Error('network namespaces need root: run the browser stories as root');
    const namespace = `berth-${process.pid}`;
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'address', 'add', `${ADDRESS}/32`, 'dev', 'lo');
    const directory = await mkdtemp(join(tmpdir(), 'node-'));
    const path = join(directory, 'bridge.sock');
    const near = createServer((socket) => {
      const onward = connect(port, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
    }).listen(path);
    await once(near, 'listening');
    const far = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', RELAY, path, ADDRESS, String(PORT)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(far.stdout, 'data');
    const chromium = join(directory, 'chromium');
    await writeFile(chromium, `#!/bin/sh\nexec ip netns exec ${namespace} /usr/bin/chromium "$@"\n`);
    await chmod(chromium, 0o755);
    return new NodeAddress(namespace, directory, near, far, chromium);
  }

  async close(): Promise<void> {
    this.far.kill();
    this.near.close();
    ip('netns', 'delete', this.namespace);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Runs inside the namespace: from its address to the unix socket. */
const RELAY = `
const { connect, createServer } = require('node:net');
const [path, address, port] = process.argv.slice(1);
createServer((socket) => {
  const onward = connect(path);
  socket.pipe(onward).pipe(socket);
  socket.on('error', () => onward.destroy());
  onward.on('error', () => socket.destroy());
}).listen(Number(port), address, () => console.log('listening'));
`;

function ip(...words: string[]): void {
  try {
    execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? new Error(`ip is missing. The browser stories need: ${INSTALL}`) : error;
  }
}
