import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PocketStage } from '../stories/pocket-stage.js';
import type { PocketFacts, PocketOrder } from './pocket-facts.js';
import { writeShellImage, writeStandInImage } from './sandbox-images.js';

/*
 * Runs the pocket cluster and one bridge for the bench, in a process of its own, so that whoever measures does not share
 * an event loop with the kubelet. It ends when its parent hangs up.
 */

const order = JSON.parse(process.argv[2] ?? '') as PocketOrder;
const directory = await mkdtemp(join(tmpdir(), 'bench-'));
const image = join(directory, 'image');
const packageFile = join(import.meta.dirname, '../../package.json');
const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
let attach: PocketFacts['attach'] = 'node';
if (order.sandboxes === 'shell') attach = await writeShellImage(image);
else await writeStandInImage(image);

const plenty = { cpu: '100000', memory: '100000Gi', 'ephemeral-storage': '100000Gi', pods: '10000' };
const stage = await PocketStage.open({
  replicas: 0,
  environment: { SESSIONS_PER_USER: '10000', LOGIN_ATTEMPTS_PER_MINUTE: '10000', ...order.bridgeEnvironment },
  cluster: {
    images: { [`localhost/claudecode-sandbox:${version}`]: image },
    node: { allocatable: plenty },
  },
  objects: (objects) => objects.filter(({ kind }) => kind !== 'ResourceQuota'),
});
const bridge = await stage.addBridge();
const facts: PocketFacts = {
  url: bridge.url,
  token: stage.tokens.alice,
  kubeconfig: await stage.cluster.adminKubeconfig(),
  attach,
};
process.send?.(facts);
process.on('SIGINT', () => undefined);
process.once('disconnect', () => {
  void stage
    .stop()
    .then(() => rm(directory, { recursive: true, force: true }))
    .then(() => process.exit(0));
});
