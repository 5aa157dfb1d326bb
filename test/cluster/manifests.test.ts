import { jest } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { ApiClient } from '../stories/api-client.js';
import { profileLikeSmall, readManifests } from '../stories/pocket-stage.js';
import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';
import { REPOSITORY } from './cache.js';
import { ClusterStage } from './cluster-stage.js';

jest.setTimeout(300_000);

const OUTPUT = join(REPOSITORY, 'cdk8s.out');

/** An object as the API server has it. */
interface Stored {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly resourceVersion: string;
  };
}

describe('the committed manifests on a real API server', () => {
  let stage: ClusterStage;

  beforeAll(async () => {
    stage = await ClusterStage.open();
  });

  afterAll(() => stage.stop());

  /** Identity, generation and version of every object that the manifests name. */
  const versions = async (): Promise<readonly string[]> => {
    const { items } = await stage.kubectl.json<{ items: readonly Stored[] }>('get', '-f', OUTPUT);
    return items.map(
      ({ kind, metadata: { namespace = '', name, generation = 0, resourceVersion } }) =>
        `${kind} ${namespace}/${name}: generation ${generation}, version ${resourceVersion}`,
    );
  };

  const serverSide = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f'];

  test('server-side apply accepts each with strict field validation, in a dry run too', async () => {
    const said = await stage.kubectl.run([...serverSide, OUTPUT]);
    const accepted = said.split('\n').filter((line) => line.endsWith(' serverside-applied (server dry run)'));
    expect(accepted).toHaveLength((await readManifests()).length);
  });

  test('a misspelt field would not be accepted', async () => {
    const wrong = (await readFile(join(OUTPUT, '21-papers-backend.k8s.yaml'), 'utf8')).replace(
      'revisionHistoryLimit:',
      'revisionHistoryLimits:',
    );
    await expect(stage.kubectl.run([...serverSide, '-'], { input: wrong })).rejects.toThrow(/revisionHistoryLimits/);
  });

  test('a second apply changes nothing', async () => {
    await stage.kubectl.run(['apply', '-f', OUTPUT]);
    await stage.inNamespace('rollout', 'status', 'deployment', '--timeout=120s');
    // Controllers write a status a moment after what it tells of.
    await until('the cluster to be at rest', async () => {
      const once = await versions();
      await delay(1000);
      return once.join() === (await versions()).join();
    });
    const before = await versions();
    await stage.kubectl.run(['apply', '-f', OUTPUT]);
    expect(await versions()).toEqual(before);
  });

  test('Pod Security `restricted` is enforced in every namespace: a Pod that violates it is refused', async () => {
    const namespaces = (await readManifests()).flatMap(({ kind, metadata }) =>
      kind === 'Namespace' ? [metadata.name] : [],
    );
    expect(namespaces).toContain('claudecode-terminal');
    const container = { name: 'c', image: 'localhost/x:1', resources: { limits: { cpu: '10m', memory: '8Mi' } } };
    for (const namespace of namespaces) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'root', namespace },
        spec: { containers: [container] },
      };
      await expect(stage.kubectl.apply(pod)).rejects.toThrow('violates PodSecurity "restricted:latest"');
    }
  });

  test.each([
    ['papers-frontend', 2],
    ['papers-backend', 1],
    ['papers-blockchain', 3],
  ])('%s: its Pods become Ready with the stand-in image', async (namespace, count) => {
    await stage.kubectl.run(['-n', namespace, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s']);
    const images = ['get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[*].spec.containers[*].image}'];
    const used = (await stage.kubectl.run(images)).split(' ');
    expect(used).toHaveLength(count);
    for (const image of used) expect(image).toMatch(new RegExp(`^localhost/${namespace}:`));
  });

  test('the claims of papers-backend and papers-blockchain are bound to volumes of local-path', async () => {
    interface Claim {
      readonly metadata: { readonly namespace: string };
      readonly spec: { readonly storageClassName: string };
      readonly status: { readonly phase: string };
    }
    const { items } = await stage.kubectl.json<{ items: readonly Claim[] }>('get', 'pvc', '-A');
    const papers = items.filter(({ metadata }) => metadata.namespace.startsWith('papers-'));
    expect(papers).toHaveLength(4);
    for (const { spec, status } of papers)
      expect([spec.storageClassName, status.phase]).toEqual(['local-path', 'Bound']);
  });

  test('the Ingress is there for the class that k3s brings, with a path to the page’s Service', async () => {
    interface Ingress {
      readonly spec: { readonly ingressClassName: string; readonly rules: readonly unknown[] };
    }
    const found = await stage.kubectl.json<Ingress>('-n', 'papers-frontend', 'get', 'ingress', 'papers-frontend');
    expect(found.spec.ingressClassName).toBe('traefik');
    expect(JSON.stringify(found.spec.rules)).toContain('"service":{"name":"papers-frontend"');
  });

  test('the token of the bridge lasts an hour, not the year that Kubernetes grants its own', async () => {
    const token = await stage.inNamespace(
      'exec',
      'deployment/web-terminal-service',
      '--',
      'cat',
      '/var/run/secrets/kubernetes.io/serviceaccount/token',
    );
    const [, claims = ''] = token.split('.');
    const { exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number; iat: number };
    expect(exp - iat).toBe(3600);
  });

  test('a profile that was removed is pruned by the README’s recipe, and its session goes on', async () => {
    const recipe = /^kubectl apply -f cdk8s\.out --prune .*$/m.exec(
      await readFile(join(REPOSITORY, 'README.md'), 'utf8'),
    )?.[0];
    expect(recipe).toBeDefined();
    const folder = await mkdtemp(join(tmpdir(), 'berth-prune-'));
    try {
      // The rendering of the day before: with one profile more, applied as the README says.
      const before = join(folder, 'cdk8s.out');
      await cp(OUTPUT, before, { recursive: true });
      await writeFile(join(before, '99-bygone.k8s.yaml'), stringify(await profileLikeSmall('bygone', () => undefined)));
      await stage.kubectl.paste(`kubectl apply -f ${before}`);
      const alice = await ApiClient.login(stage.urls[0]!, stage.tokens.alice);
      await until('the profile to be offered', async () =>
        (await alice.profiles()).some(({ name }) => name === 'bygone'),
      );
      const session = await alice.newSession({ profile: 'bygone' });
      const viewer = await Viewer.attach(alice, session.id);

      const said = await stage.kubectl.paste(`cd '${REPOSITORY}' && ${recipe ?? ''}`);
      expect(said.split('\n').filter((line) => line.endsWith(' pruned'))).toEqual(['podtemplate/bygone pruned']);
      await until('the profile to be offered no more', async () =>
        (await alice.profiles()).every(({ name }) => name !== 'bygone'),
      );
      await viewer.run('echo still here', /still here\r?\n/);
      await viewer.leave();
      await alice.end(session.id);
      await until('the sandbox to be gone', async () => (await stage.sandboxes()).length === 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
