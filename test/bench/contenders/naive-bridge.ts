import { Exec, KubeConfig } from '@kubernetes/client-node';
import { PassThrough, Writable } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/*
 * The bridge that one writes first: the library's Exec with a TTY, joined to a WebSocket.
 *   naive-bridge.ts NAMESPACE CONTAINER   with KUBECONFIG; ws://…/POD?word&word execs these words
 */

const [namespace = '', container = ''] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromDefault();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => process.send?.(server.address()));
server.on('connection', (socket, request) => {
  const url = new URL(request.url ?? '/', 'http://bridge');
  void join(socket, url.pathname.slice(1), [...url.searchParams.keys()]).catch(() => socket.close(1011));
});
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit(0));

async function join(socket: WebSocket, pod: string, command: string[]): Promise<void> {
  const stdin = new PassThrough();
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(chunk, { binary: true });
      done();
    },
  });
  socket.on('message', (data) => stdin.write(data));
  const exec = await new Exec(config).exec(namespace, pod, container, command, stdout, stdout, stdin, true, () =>
    socket.close(1000),
  );
  socket.on('close', () => exec.close());
  exec.onclose = () => socket.close(1011);
}
