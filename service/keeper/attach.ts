import { createConnection } from 'node:net';

/*
 * keeper-attach for machines without socat: joins stdin and stdout to the keeper's socket. It waits for the socket, since
 * the container may be ready before the keeper listens, and imports little, since it runs once for every attachment.
 */
const PATIENCE = 10_000;
const PAUSE = 50;

process.title = 'keeper-attach';
connect(process.env['KEEPER_SOCKET'] ?? '/run/keeper/keeper.sock', Date.now() + PATIENCE);

function connect(path: string, until: number): void {
  const socket = createConnection(path);
  const refused = (error: Error): void => {
    if (Date.now() < until) setTimeout(connect, PAUSE, path, until);
    else {
      process.stderr.write(`keeper-attach: ${error.message}\n`);
      process.exit(1);
    }
  };
  socket.once('error', refused);
  socket.once('connect', () => {
    socket.off('error', refused);
    socket.on('error', () => process.exit(1));
    socket.on('close', () => process.exit(0));
    process.stdout.on('error', () => process.exit(0));
    process.stdin.on('error', () => process.exit(0));
    process.stdin.on('end', () => socket.end());
    process.stdin.pipe(socket, { end: false });
    socket.pipe(process.stdout);
  });
}
