import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DELIVERIES } from '../../charts/clusters.js';
import { k3sDelivery } from '../../charts/clusters/k3s/delivery.js';
import { INVENTORIES } from '../../charts/inventories.js';
import { listFiles, writeOutput } from '../../charts/render/output.js';
import { MARK } from '../../charts/render/render.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from './patched.js';
import { DATA } from './rendered-k3s.js';

const COMMITTED = new URL('../../cdk8s.out', import.meta.url).pathname;

describe('the committed rendering', () => {
  const files = synth(DELIVERIES, INVENTORIES);

  test('has exactly the files that the charts render, and no orphan', () => {
    expect(listFiles(COMMITTED)).toEqual(files.map(({ path }) => path).sort());
  });

  test.each(files.map(({ path, text }) => [path, text]))('is current: %s', (path, text) => {
    expect(readFileSync(join(COMMITTED, path), 'utf8')).toBe(text);
  });

  test('is applied in an order that works: what is cluster-wide first, and each namespace before what is in it', () => {
    const top = files.filter(({ path }) => !path.includes('/'));
    expect(top.map(({ path }) => path)).toEqual(top.map(({ path }) => path).sort());
    expect(top[0]?.manifests.map(({ kind }) => kind)).toEqual(['PriorityClass']);
    for (const { manifests } of top.slice(1)) {
      const [first, ...rest] = manifests;
      const made = first?.kind === 'Namespace' ? first.metadata.name : 'kube-system';
      const inside = first?.kind === 'Namespace' ? rest : manifests;
      expect(new Set(inside.map(({ metadata }) => metadata.namespace))).toEqual(new Set([made]));
    }
  });
});

describe('writing a rendering', () => {
  let folder: string;
  beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), 'output-')), 'out')));
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  const file = (path: string, text = `# ${MARK}\n`) => ({ path, text, manifests: [] });

  test('makes the folder, readable for everybody, and removes what an earlier rendering left', () => {
    writeOutput(folder, [file('00-a.k8s.yaml'), file('lab-dev/00-b.k8s.yaml')]);
    writeOutput(folder, [file('lab-dev/00-b.k8s.yaml')]);
    expect(listFiles(folder)).toEqual(['lab-dev/00-b.k8s.yaml']);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(listFiles(join(folder, '..'))).toEqual(['out/lab-dev/00-b.k8s.yaml']);
  });

  test('refuses a folder with files that are not renderings, and leaves it alone', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'three years of work');
    expect(() => writeOutput(folder, [file('00-a.k8s.yaml')])).toThrow(/thesis\.txt/);
    expect(listFiles(join(folder, '..'))).toEqual(['out/thesis.txt']);
  });

  test('leaves the folder as it was when a file cannot be written', () => {
    writeOutput(folder, [file('00-a.k8s.yaml')]);
    expect(() => writeOutput(folder, [file('00-b.k8s.yaml'), file('00-b.k8s.yaml/inside')])).toThrow();
    expect(listFiles(join(folder, '..'))).toEqual(['out/00-a.k8s.yaml']);
  });

  test('leaves the folder as it was when the data are bad', () => {
    writeOutput(folder, [file('00-a.k8s.yaml')]);
    const bad = k3sDelivery(patched(DATA, 'terminal.bridge.entrance.port', 99999));
    expect(() => writeOutput(folder, synth([bad]))).toThrow(SynthError);
    expect(listFiles(folder)).toEqual(['00-a.k8s.yaml']);
  });
});

describe('npm run synth', () => {
  const root = new URL('../..', import.meta.url).pathname;
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'synth-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (output: string) => {
    const command = ['--no-warnings', '--loader', 'ts-node/esm', 'charts/main.ts'];
    const env = { ...process.env, CDK8S_OUTDIR: output };
    return spawnSync(process.execPath, command, { cwd: root, env, encoding: 'utf8' });
  };

  test('writes the committed rendering to the folder that the cdk8s CLI names', () => {
    const output = join(folder, 'out');
    expect(run(output)).toMatchObject({ status: 0, stderr: '' });
    const texts = (from: string) => listFiles(from).map((path) => [path, readFileSync(join(from, path), 'utf8')]);
    expect(texts(output)).toEqual(texts(COMMITTED));
  });

  test('says in one line for each reason why nothing is rendered', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'three years of work');
    const { status, stderr } = run(folder);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `Nothing is rendered:\n  ${join(folder, 'thesis.txt')}: is not a rendered file, and would be lost\n`,
    );
    expect(listFiles(folder)).toEqual(['thesis.txt']);
  });
});
