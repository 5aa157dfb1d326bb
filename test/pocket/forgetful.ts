import { setTimeout as delay } from 'node:timers/promises';
import { PocketCluster } from '../../service/pocket/pocket-cluster.js';

/** A program that uses a pocket cluster and exits without stopping it; prints the pid of its sandbox. */
const image = 'localhost/none:1';
const spec = { containers: [{ name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '4200'] }] };
const cluster = await PocketCluster.start({
  images: { [image]: import.meta.dirname },
  objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec }],
});
let pid: number | undefined;
while (pid === undefined) {
  await delay(10);
  pid = (await cluster.processes()).find(({ command }) => command === 'sleep')?.pid;
}
process.stdout.write(String(pid), () => process.exit(0));
