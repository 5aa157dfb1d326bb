/*
 * Loaded into a contender's Node process by `--import`: answers each connection to the socket BENCH_PROBE with the
 * process's memory use, after a garbage collection when that is asked for. It keeps no process alive.
 */
import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const path = process.env['BENCH_PROBE'];
delete process.env['BENCH_PROBE'];
delete process.env['NODE_OPTIONS'];

if (path !== undefined && isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (order) => {
      if (order.toString() === 'settled') for (let time = 0; time < 3; time += 1) collect();
      socket.end(JSON.stringify(process.memoryUsage()));
    });
  })
    .listen(path)
    .unref();
}
