import { ApiClient } from './api-client.js';
import { PocketStage, readManifests, type Manifest } from './pocket-stage.js';

/** The committed rendering with room for so many sandboxes. */
const withRoomFor =
  (sandboxes: number) =>
  (objects: readonly Manifest[]): readonly Manifest[] =>
    objects.map((each) =>
      each.kind === 'ResourceQuota' && each.metadata.name === 'sandboxes'
        ? { ...each, spec: { ...(each['spec'] as object), hard: { pods: String(sandboxes) } } }
        : each,
    );

describe('a namespace full of sandboxes', () => {
  let stage: PocketStage;

  beforeAll(async () => {
    stage = await PocketStage.open({ replicas: 1, objects: withRoomFor(2) });
  });

  afterAll(() => stage.stop());

  test('refuses the next session and names the quota, and still takes every Pod of the bridge’s rollout', async () => {
    const alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
    await alice.newSession();
    await alice.newSession();
    const { status, body } = await alice.create();
    expect(JSON.stringify(body)).toMatch(/quota.*sandboxes/i);
    expect(status).toBeGreaterThanOrEqual(400);

    const deployment = (await readManifests()).find(
      (each) => each.kind === 'Deployment' && each.metadata.name === 'web-terminal-service',
    ) as unknown as { spec: { replicas: number; template: { metadata: object; spec: object } } };
    const { template, replicas } = deployment.spec;
    const rollout = Array.from({ length: replicas + 1 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name: `web-terminal-service-${index}` },
      spec: template.spec,
    }));
    for (const pod of rollout) expect(await stage.ask('POST', 'pods', pod)).toMatchObject({ status: 201 });
    await Promise.all((await alice.sessions()).map(({ id }) => alice.end(id)));
  });
});
