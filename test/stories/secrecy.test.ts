import { open, readFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api-client.js';
import { PocketStage } from './pocket-stage.js';
import { until } from './until.js';
import { Viewer } from './viewer.js';

test('what is typed, printed or carried as a token is in no log, not even at the level `trace`', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'story-log-'));
  const path = join(folder, 'bridge.log');
  const file = await open(path, 'w');
  const stage = await PocketStage.open({ log: file.fd, environment: { LOG_LEVEL: 'trace' } });
  try {
    const alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
    await expect(ApiClient.login(stage.urls[0]!, `${stage.tokens.bob}x`)).rejects.toThrow('401');
    const { id } = await alice.newSession();
    const viewer = await Viewer.attach(alice, id);
    await viewer.run("echo 'typed-marker' | sed s/typed/printed/", /printed-marker/);
    await stage.cutStreams(id);
    await viewer.run('echo again-$((40+2))', /again-42/);
    // Not a message at all: what cannot be read must not be quoted either.
    const clumsy = await Viewer.attach(alice, id, { write: false, reconnect: false });
    clumsy.sendRaw('{"type":"malformed-marker"');
    expect(await clumsy.closed()).toBe(4400);
    viewer.type('exit 3\r');
    expect(await viewer.closed()).toBe(4410);
    const log = await until('the end to be in the log', async () => {
      const text = await readFile(path, 'utf8');
      return text.includes('a viewer left') && text;
    });
    const secrets = [stage.tokens.alice, stage.tokens.bob, alice.cookie.split('=')[1]!];
    const found = ['marker', 'again-42', ...secrets].filter((secret) => log.includes(secret));
    expect(found).toEqual([]);
  } finally {
    await stage.stop();
    await file.close();
    await rm(folder, { recursive: true });
  }
});
