import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { DELIVERIES } from '../clusters.js';
import { schemaRule } from '../crds/schema-rule.js';
import { Landscape } from '../invariants/landscape.js';
import type { Manifest } from '../invariants/manifest.js';
import { violations } from '../invariants/rule.js';
import { render } from '../render/render.js';

/** What one proof says. */
export interface Proof {
  readonly name: string;
  /** `absent`: the tool is not on this machine; `remedy` says how to get it. */
  readonly outcome: 'passed' | 'failed' | 'absent';
  readonly remedy?: string;
  /** What the tool said when it did not pass. */
  readonly output: string;
}

/**
 * Every proof that a machine can give without a cluster: schemas and CRDs, Prometheus' own check and tests of the alerts,
 * HAProxy's own check of its settings, the shell's of the start script, and kube-score. A tool that is not there is named.
 */
export function proofs(): readonly Proof[] {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  try {
    const clusters = DELIVERIES.map((delivery) => {
      const manifests = render(delivery).flatMap((file) => file.manifests);
      return new Landscape(delivery.cluster, manifests, delivery.folder === '');
    });
    const all = clusters.flatMap(({ manifests }) => manifests);
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const rules = write('rules.yaml', stringify({ groups: groupsOf(all) }));
    const stories = join(folder, 'alerts.test.yaml');
    copyFileSync(fileURLToPath(new URL('../clusters/eco2/alerts.test.yaml', import.meta.url)), stories);
    const proxy = write('haproxy.cfg', fileOf(all, 'redis-proxy', 'haproxy.cfg'));
    const start = write('start.sh', fileOf(all, 'redis-config', 'start.sh'));
    const wrong = clusters.flatMap((landscape) => violations(landscape, [schemaRule()]));
    const prometheus = 'apt-get install --no-install-recommends prometheus';
    return [
      { name: 'schemas and CRDs', outcome: wrong.length === 0 ? 'passed' : 'failed', output: wrong.join('\n') },
      run('promtool check rules', ['promtool', 'check', 'rules', rules], prometheus),
      run('promtool test rules', ['promtool', 'test', 'rules', stories], prometheus),
      run('haproxy -c', ['haproxy', '-c', '-f', proxy], 'apt-get install --no-install-recommends haproxy'),
      run('sh -n', ['sh', '-n', start], 'a POSIX shell'),
      // One cluster at a time: it takes objects of one name for the same one.
      ...clusters.map(({ cluster, manifests }) => {
        const name = `${cluster.name}-${cluster.environment}`;
        const own = manifests.filter(isOwnWorkload).map((one) => stringify(one));
        const words = ['kube-score', 'score', ...ignored(), write(`${name}.yaml`, own.join('---\n'))];
        return run(`kube-score ${name}`, words, 'go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0');
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Checks of kube-score that do not fit, each with the reason. */
export const KUBE_SCORE_EXCEPTIONS: Readonly<Record<string, string>> = {
  'container-image-pull-policy':
    'tags are fixed and never moved, local images are never pulled: Always would only add a registry to every start',
  'container-security-context-user-group-id':
    'official images bring users below 10000; none of them is root but the log collector’s',
  'container-ephemeral-storage-request-and-limit': 'stores write to their claims, whose size is their limit',
  'deployment-has-host-podantiaffinity':
    'a spread constraint does it, and still starts everything where there is one node',
  'statefulset-has-host-podantiaffinity': 'single Pods have none to be apart from; Redis has it',
  'networkpolicy-targets-pod':
    'it does not know Pods of operators; rule scrape-target-is-reachable and the traffic stories do',
  'service-targets-pod': 'it does not know Rollouts and Pods of operators; rule service-finds-one-workload does',
  'horizontalpodautoscaler-has-target': 'it does not know Rollouts; rule reference-exists does',
  'horizontalpodautoscaler-replicas': 'the mini PC starts from one Pod',
  'statefulset-has-servicename':
    'a store of one Pod is named by its ordinary Service; Redis and the peers have headless ones',
  'container-security-context-readonlyrootfilesystem': 'Elasticsearch writes its keystore into its own folder',
  'deployment-strategy': 'Recreate where two Pods must not meet over one volume',
  'service-type': 'the terminal is opened on a NodePort: the seed says so',
  'deployment-replicas': 'dev and the mini PC run one of each on purpose',
  'pod-probes-identical': 'servers that have one health address are asked there for both',
};

function ignored(): readonly string[] {
  return Object.keys(KUBE_SCORE_EXCEPTIONS).flatMap((test) => ['--ignore-test', test]);
}

function run(name: string, [tool = '', ...words]: readonly string[], remedy: string): Proof {
  const { error, status, stdout, stderr } = spawnSync(tool, words, { encoding: 'utf8' });
  if (error) return { name, outcome: 'absent', remedy, output: error.message };
  return status === 0
    ? { name, outcome: 'passed', output: '' }
    : { name, outcome: 'failed', output: `${stdout}${stderr}` };
}

/** The alert rules of all environments as Prometheus reads them, each group once. */
function groupsOf(manifests: readonly Manifest[]): readonly object[] {
  const groups = manifests
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap(
      (rule) =>
        (rule as unknown as { readonly spec: { readonly groups: readonly { readonly name: string }[] } }).spec.groups,
    );
  return groups.filter(({ name }, index) => groups.findIndex((one) => one.name === name) === index);
}

/** A file of the last ConfigMap of this name that has it. */
function fileOf(manifests: readonly Manifest[], name: string, file: string): string {
  const maps = manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  const texts = maps.map((map) => (map as unknown as { readonly data: Readonly<Record<string, string>> }).data[file]);
  return texts.findLast((text) => text !== undefined) ?? '';
}

/** Kinds that kube-score knows, beside the log collector and NVIDIA's plugin, which reach into their nodes by design. */
function isOwnWorkload({ kind, metadata }: Manifest): boolean {
  const kinds = [
    'Deployment',
    'StatefulSet',
    'Service',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
  ];
  return kinds.includes(kind) && metadata.namespace !== 'kube-system';
}

/** The proofs for a terminal. */
export function proofLines(all: readonly Proof[]): readonly string[] {
  const told = all.flatMap(({ name, outcome, remedy, output }) => [
    `${outcome.padEnd(7)} ${name}${outcome === 'absent' ? `: not on this machine; ${remedy ?? ''}` : ''}`,
    ...(outcome === 'failed' ? output.split('\n').map((line) => `        ${line}`) : []),
  ]);
  return [...told, 'API server, scheduler, capacity: npm run test:platform, reports in .artifacts/platform'];
}
