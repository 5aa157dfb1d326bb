import { jest } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startBridge } from '../../service/bridge/bridge.js';
import { makeUserToken } from '../../service/user-token.js';
import { everyUse } from '../bridge/every-use.js';
import { ApiClient } from '../stories/api-client.js';
import { readManifests } from '../stories/pocket-stage.js';
import { runApiServer } from './api-server.js';
import { ClusterStage } from './cluster-stage.js';
import { BRIDGE, NAMESPACE } from './deploy-terminal.js';
import { eventually } from './eventually.js';
import { openLab } from './lab-record.js';

jest.setTimeout(600_000);

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** One Role to try: the rendered one, or that less a verb. */
interface Trial {
  /** Of the ServiceAccount, the Role and the user. */
  readonly name: string;
  readonly rules: readonly Rule[];
}

const role = (await readManifests()).find(({ kind, metadata }) => kind === 'Role' && metadata.name === BRIDGE);
const rules = role?.['rules'] as readonly Rule[];
const granted = rules.flatMap(({ resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb }))),
);

const WHOLE: Trial = { name: 'role-story-whole', rules };
const without = ({ resource, verb }: { resource: string; verb: string }): Trial => ({
  name: `role-story-no-${resource.replace('/', '-')}-${verb}`,
  rules: rules.map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule,
  ),
});
const TRIALS = [WHOLE, ...granted.map(without)];

/** The bridge runs in this process, as a ServiceAccount of its own: the deployed one and its users notice nothing. */
describe('the rendered Role on a real API server', () => {
  let stage: ClusterStage;
  let folder: string;

  /** Does everything that a user does, with a bridge that may do only what the trial's Role allows. */
  const tryRole = async ({ name }: Trial): Promise<string | undefined> => {
    const directory = await mkdtemp(join(folder, 'trial-'));
    const { token, hash } = makeUserToken();
    await mkdir(join(directory, 'users'));
    await writeFile(join(directory, 'users', name), hash);
    const bridge = await startBridge(
      {
        ...{ host: '127.0.0.1', port: 0, opsPort: 0, basePath: '', namespace: NAMESPACE, logLevel: 'silent' },
        ...{ usersDirectory: join(directory, 'users'), allowedOrigins: [], trustProxy: false },
        ...{ sessionsPerUser: 4, viewersPerSession: 4, loginAttemptsPerMinute: 100 },
        ...{ finishedTtlSeconds: 300, startLimitSeconds: 3600, drainSeconds: 1 },
        kubeconfig: await kubeconfigOf(name, join(directory, 'kubeconfig')),
      },
      { log: pino({ level: 'silent' }) },
    );
    try {
      return await everyUse(await ApiClient.login(bridge.url, token));
    } finally {
      await bridge.close();
    }
  };

  /** The administrator's kubeconfig with this ServiceAccount's token instead. */
  const kubeconfigOf = async (account: string, file: string): Promise<string> => {
    interface Kubeconfig {
      readonly users: readonly { user: object }[];
    }
    const config = await stage.kubectl.json<Kubeconfig>('config', 'view', '--raw', '--minify');
    const token = (await stage.inNamespace('create', 'token', account, '--duration=1h')).trim();
    for (const each of config.users) each.user = { token };
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  };

  const objectsOf = ({ name, rules: allowed }: Trial): readonly object[] => {
    const metadata = { name, namespace: NAMESPACE, labels: { 'berth.dev/story': 'role' } };
    const rbac = 'rbac.authorization.k8s.io';
    return [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: allowed },
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata },
        roleRef: { apiGroup: rbac, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
      },
    ];
  };

  const minor = async (): Promise<number> => {
    const { minor: text } = JSON.parse(await stage.kubectl.run(['get', '--raw', '/version'])) as { minor: string };
    return parseInt(text);
  };

  beforeAll(async () => {
    stage = await ClusterStage.open();
    folder = await mkdtemp(join(tmpdir(), 'berth-role-'));
    await stage.kubectl.apply(...TRIALS.flatMap(objectsOf));
    // The API server hears of a Role a moment after it has stored it.
    for (const { name } of TRIALS) {
      const who = `--as=system:serviceaccount:${NAMESPACE}:${name}`;
      await eventually(`${name} to count`, async () =>
        (await stage.inNamespace('auth', 'can-i', '--list', who)).includes('podtemplates'),
      );
    }
  });

  afterAll(async () => {
    await stage.inNamespace('delete', 'serviceaccount,role,rolebinding', '-l', 'berth.dev/story=role');
    // Where deleting was what the Role lacked, sandboxes were left.
    const users = TRIALS.map(({ name }) => name).join(',');
    await stage.inNamespace('delete', 'pods', '-l', `berth.dev/user in (${users})`);
    await rm(folder, { recursive: true });
    await stage.stop();
  });

  test('is enough for all that a user does', async () => {
    expect(await tryRole(WHOLE)).toBeUndefined();
  });

  test.each(granted.filter(({ resource, verb }) => `${resource} ${verb}` !== 'pods/exec create'))(
    'without $verb on $resource something fails, and the user is shown the API server’s words',
    async ({ resource, verb }) => {
      const shown = await tryRole(without({ resource, verb }));
      expect(shown).toContain('is forbidden');
      expect(shown).toContain(`cannot ${verb} resource "${resource}"`);
    },
  );

  /** Up to 1.34 a WebSocket exec asks for `get` alone. */
  const withoutCreate = async (): Promise<void> => {
    const shown = await tryRole(without({ resource: 'pods/exec', verb: 'create' }));
    if ((await minor()) < 35) expect(shown).toBeUndefined();
    else expect(shown).toContain('does the Role allow both get and create on pods/exec?');
  };

  test(
    'without create on pods/exec an API server up to 1.34 lets viewers in, and one from 1.35 on does not',
    withoutCreate,
  );

  // On demand, because it swaps the API server and its first build takes minutes.
  if (process.env['BERTH_NEXT_API_SERVER'] === '1') {
    test('an API server 1.35 asks for create on pods/exec too; the rendered Role has it', async () => {
      const lab = await openLab(process.env['BERTH_LAB']);
      if (lab === undefined) throw new Error('BERTH_NEXT_API_SERVER wants the lab: use `npm run test:cluster`');
      const say = (text: string): void => void process.stdout.write(`${text}\n`);
      try {
        await runApiServer(lab, '1.35', say);
        expect(await minor()).toBe(35);
        expect(await tryRole(WHOLE)).toBeUndefined();
        await withoutCreate();
      } finally {
        await runApiServer(lab, '1.34', say);
      }
    });
  }
});
