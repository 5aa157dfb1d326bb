import { readFileSync } from 'node:fs';
import { DELIVERIES } from '../../charts/clusters.js';
import { API_VERSIONS } from '../../charts/constructs/custom-resource.js';
import { schemaRule } from '../../charts/crds/schema-rule.js';
import { CRD_SOURCES, KUBERNETES } from '../../charts/crds/sources.js';
import { Landscape } from '../../charts/invariants/landscape.js';
import type { Manifest } from '../../charts/invariants/manifest.js';
import { violations } from '../../charts/invariants/rule.js';
import { render } from '../../charts/render/render.js';
import { patched } from '../charts/patched.js';
import { one } from './one-object.js';

const IMPORTS = new URL('../../imports/', import.meta.url);
const RULE = schemaRule();

// Rendered once, and without the rules of a synth: these stories are about schemas alone.
const LANDSCAPES = Object.fromEntries(
  DELIVERIES.map((delivery) => {
    const { cluster, folder } = delivery;
    const manifests = render(delivery).flatMap((file) => file.manifests);
    return [`${cluster.name}/${cluster.environment}`, new Landscape(cluster, manifests, folder === '')];
  }),
);
const [DEV, PROD] = [LANDSCAPES['eco2/dev']!, LANDSCAPES['eco2/prod']!];

function told(manifest: Manifest): readonly string[] {
  return violations(new Landscape(DEV.cluster, [manifest], false), [RULE]);
}

test.each(Object.entries(LANDSCAPES))(
  'every object of %s is what its schema or CRD says, to the last field',
  (_, landscape) => {
    expect(landscape.manifests.length).toBeGreaterThan(0);
    expect(violations(landscape, [RULE])).toEqual([]);
  },
);

describe('the schemas refuse', () => {
  test('a field that is misspelt, in a built-in kind and in an operator’s', () => {
    const workload = one(DEV, 'Deployment', 'chat', 'chat-api');
    expect(told(patched(workload, 'spec.replica', 2))).toEqual([
      'eco2/dev Deployment/chat-api: schema: spec has no field "replica"',
    ]);
    expect(told(patched(one(DEV, 'VirtualService', 'chat', 'chat-vs'), 'spec.http.0.route.0.wait', 1))).toEqual([
      'eco2/dev VirtualService/chat-vs: schema: spec.http.0.route.0 has no field "wait"',
    ]);
  });

  test('a value of the wrong type, and one that is none of the list', () => {
    const rollout = one(PROD, 'Rollout', 'scan', 'scan-api');
    expect(told(patched(rollout, 'spec.strategy.blueGreen.scaleDownDelaySeconds', '30 s'))).toHaveLength(1);
    const mesh = one(PROD, 'PeerAuthentication', 'istio-system', 'default');
    expect(told(patched(mesh, 'spec.mtls.mode', 'SECURE'))[0]).toMatch(/want one of .*STRICT/);
  });

  test('a kind that nobody serves, and a version of long ago', () => {
    const secret = one(DEV, 'ExternalSecret', 'chat', 'chat-secret');
    expect(told(patched(secret, 'apiVersion', 'external-secrets.io/v1beta1'))[0]).toMatch(
      /serves external-secrets.io\/v1/,
    );
    expect(told(patched(secret, 'kind', 'InternalSecret'))[0]).toMatch(/there is no schema/);
  });
});

describe('imports/', () => {
  test('holds a schema and a type of each kind that the charts can make, of the version they say', () => {
    const kinds = CRD_SOURCES.flatMap((source) => source.kinds);
    expect([...kinds].sort()).toEqual(Object.keys(API_VERSIONS).sort());
    for (const [kind, apiVersion] of Object.entries(API_VERSIONS)) {
      const group = apiVersion.split('/')[0] ?? '';
      const schema = JSON.parse(readFileSync(new URL(`schemas/${group}/${kind}.json`, IMPORTS), 'utf8')) as object;
      expect(schema).toMatchObject({ apiVersion });
      const type = readFileSync(new URL(`types/${group}/${kind}.d.ts`, IMPORTS), 'utf8');
      expect(type).toContain(`export interface ${kind}Spec {`);
    }
  });

  test('says in its README where each comes from', () => {
    const readme = readFileSync(new URL('README.md', IMPORTS), 'utf8');
    for (const { module, version, kinds } of CRD_SOURCES) {
      const row = readme.split('\n').find((line) => line.includes(`| ${module} `)) ?? '';
      expect(row).toContain(version);
      for (const kind of kinds) expect(row).toContain(kind);
    }
    expect(readme.replaceAll(/ +/g, ' ')).toContain(`| ${KUBERNETES.module} | ${KUBERNETES.version} |`);
  });
});
