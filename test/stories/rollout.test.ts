import { createHash, randomBytes } from 'node:crypto';
import { ApiClient } from './api-client.js';
import { PocketStage } from './pocket-stage.js';
import { until } from './until.js';
import { Viewer } from './viewer.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a rollout in the middle of everything', () => {
  let stage: PocketStage;

  beforeAll(async () => {
    stage = await PocketStage.open({ environment: { DRAIN_SECONDS: '2' } });
  });

  afterAll(() => stage.stop());

  test('replica after replica is replaced under a flood and a paste: every byte arrives, once', async () => {
    // As behind a Service: whoever comes back is given any replica that is there.
    let turn = 0;
    const url = (): string => stage.urls[(turn += 1) % stage.urls.length]!;
    const alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
    const [flood, paste] = [await alice.newSession(), await alice.newSession()];
    const reader = await Viewer.attach(alice, flood.id, { url });
    const writer = await Viewer.attach(alice, paste.id, { url });

    const bytes = randomBytes(6 * 1024 * 1024);
    writer.type(`stty raw -echo; echo STA''RT; head -c ${bytes.length} | sha256sum; stty sane\r`);
    await writer.sees(/START/);
    const last = 2_000_000;
    reader.type(`stty -opost; echo STA''RT; seq 1 ${last}; echo FI''N\r`);
    await reader.sees(/\n1000\n/);
    writer.type(bytes);

    for (const replica of [0, 1, 0, 1]) await stage.replaceBridge('SIGTERM', replica);
    await writer.sees(new RegExp(sha256(bytes)));
    await reader.sees(/FIN/);
    const from = reader.bytes.indexOf('\n', reader.bytes.indexOf('START')) + 1;
    const expected = Buffer.from(Array.from({ length: last }, (_, index) => `${index + 1}\n`).join(''));
    expect(sha256(reader.bytes.subarray(from, from + expected.length))).toBe(sha256(expected));
    expect(reader.attempts + writer.attempts).toBeGreaterThan(4);
    await Promise.all([reader.leave(), writer.leave()]);
    await until('every viewer to be gone', async () => (await stage.metric('berth_viewers')) === 0);
  }, 180_000);
});
