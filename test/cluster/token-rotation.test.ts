import { jest } from '@jest/globals';
import { join } from 'node:path';
import { until } from '../stories/until.js';
import { REPOSITORY } from './cache.js';
import { ClusterStage } from './cluster-stage.js';
import { BRIDGE } from './deploy-terminal.js';
import { Visit } from './visit.js';

jest.setTimeout(900_000);

/** The least that a projected token may live, in seconds; the kubelet renews it after four fifths of that. */
const LIFETIME = 600;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: object }[] };
}

/** Ten minutes of waiting: the runner tells stories beside it, those that leave the bridge and the API server alone. */
describe('a bridge whose token is renewed', () => {
  let stage: ClusterStage;
  let grace: Visit;

  const rolledOut = (): Promise<string> =>
    stage.inNamespace('rollout', 'status', `deployment/${BRIDGE}`, '--timeout=180s');

  /** The token that each replica has now. */
  const tokens = async (): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>();
    for (const { metadata } of await stage.bridges())
      found.set(metadata.name, await stage.inNamespace('exec', metadata.name, '--', 'cat', TOKEN));
    return found;
  };

  beforeAll(async () => {
    stage = await ClusterStage.open();
    interface Deployment {
      readonly spec: { readonly template: { readonly spec: { readonly volumes: readonly Volume[] } } };
    }
    const { volumes } = (await stage.kubectl.json<Deployment>('-n', 'claudecode-terminal', 'get', 'deployment', BRIDGE))
      .spec.template.spec;
    const volume = volumes.findIndex(({ name }) => name === 'token');
    const source =
      volumes[volume]?.projected?.sources.findIndex((each) => each.serviceAccountToken !== undefined) ?? -1;
    const path = `/spec/template/spec/volumes/${volume}/projected/sources/${source}/serviceAccountToken/expirationSeconds`;
    const patch = JSON.stringify([{ op: 'replace', path, value: LIFETIME }]);
    await stage.inNamespace('patch', 'deployment', BRIDGE, '--type=json', '-p', patch);
    await rolledOut();
    await until('the replicas before it to be gone', async () => (await stage.everyBridge()).length === 2, 120_000);
    grace = await Visit.begin(stage, 'grace');
  });

  afterAll(async () => {
    await grace.end();
    await stage.kubectl.run(['apply', '-f', join(REPOSITORY, 'cdk8s.out')]);
    await rolledOut();
    await stage.stop();
  });

  test('keeps the exec that is open, and opens others with the new one', async () => {
    const { viewer } = await grace.work();
    const before = await tokens();
    await until(
      'the kubelet to renew the token of every replica',
      async () => {
        const now = await tokens();
        return now.size === before.size && [...before].every(([pod, token]) => (now.get(pod) ?? token) !== token);
      },
      LIFETIME * 1000,
    );
    await viewer.run('echo still $((40+2))', /still 42/);
    expect(viewer.attempts).toBe(1);
    // Until the old one is of no use any more: what works then works by the new one.
    const claims = [...before.values()].map((token) => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const ends = Math.max(...claims.map((each) => (JSON.parse(each) as { exp: number }).exp)) * 1000;
    await until('the old tokens to end', () => Date.now() > ends, LIFETIME * 1000);
    await viewer.run('echo still $((40+3))', /still 43/);
    expect(viewer.attempts).toBe(1);
    const { viewer: another } = await grace.work();
    await another.run('echo new $((40+4))', /new 44/);
  });
});
