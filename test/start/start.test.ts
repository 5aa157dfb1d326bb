import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freePort } from '../bench/free-port.js';
import { ApiClient } from '../stories/api-client.js';
import { PocketStage } from '../stories/pocket-stage.js';
import { Viewer } from '../stories/viewer.js';
import { Command } from './command.js';

/** As far as these stories look into one. */
interface Kubeconfig {
  clusters: { cluster: { server: string } }[];
  users: { name: string; user: { token?: string; tokenFile?: string; exec?: object } }[];
}

describe('npm start', () => {
  const commands: Command[] = [];
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'start-'));
  });
  afterEach(async () => {
    await Promise.all(commands.splice(0).map((command) => command.clear()));
    await rm(directory, { recursive: true, force: true });
  });

  const start = (...words: string[]): Command => {
    const command = new Command('start', words, { HOME: directory });
    commands.push(command);
    return command;
  };
  /** Logs in with the URL that it prints, as the page does. */
  const logIn = async (command: Command): Promise<ApiClient> => {
    const [, url = '', token = ''] = await command.prints(/Open {2}(http:\S+)\/#token=(\S+)/);
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html');
    return ApiClient.login(url, token);
  };
  const write = async (config: unknown): Promise<string> => {
    const file = join(directory, 'kubeconfig');
    await writeFile(file, JSON.stringify(config));
    return file;
  };

  test('prints a URL whose token logs in; a session has a shell; Ctrl-C leaves no process and no file', async () => {
    const command = start('--port', '0');
    const api = await logIn(command);
    const { id } = await api.newSession();
    const viewer = await Viewer.attach(api, id);
    await viewer.run('sleep 4321 & echo "hel""lo"', /hello/);
    expect(command.remains().length).toBeGreaterThan(3);
    command.interrupt();
    expect(await command.exit()).toBe(0);
    await viewer.leave();
    expect(command.remains()).toEqual([]);
  });

  test('--kubeconfig runs the bridge alone, with the login helper that it names: sessions are on that cluster and stay', async () => {
    const stage = await PocketStage.open({ replicas: 0 });
    try {
      const given = await stage.cluster.kubeconfigFor('claudecode-terminal', 'web-terminal-service');
      const config = parse(await readFile(given, 'utf8')) as Kubeconfig;
      const token = await stage.cluster.rotateToken('claudecode-terminal', 'web-terminal-service');
      const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
      await writeFile(join(directory, 'credential'), JSON.stringify(credential));
      const { apiVersion } = credential;
      const helper = { apiVersion, command: 'sh', args: ['-c', 'cat "$HOME/credential"'], interactiveMode: 'Never' };
      const users = config.users.map(({ name }) => ({ name, user: { exec: helper } }));
      const command = start('--port', '0', '--user', 'someone', '--kubeconfig', await write({ ...config, users }));
      const api = await logIn(command);
      expect(command.output).toContain('you are someone');
      const { id } = await api.newSession();
      const viewer = await Viewer.attach(api, id);
      await viewer.run('echo "hel""lo"', /hello/);
      command.terminate();
      expect(await command.exit()).toBe(0);
      await viewer.leave();
      expect(command.remains()).toEqual([]);
      expect(await stage.sandboxes()).toEqual([id]);
    } finally {
      await stage.stop();
    }
  });

  test('a cluster that does not answer: it says so while it waits, and Ctrl-C leaves nothing either', async () => {
    const cluster = { server: `https://127.0.0.1:${await freePort()}` };
    const command = start(
      ...['--port', '0', '--user', 'someone', '--kubeconfig'],
      await write({
        'current-context': 'it',
        clusters: [{ name: 'it', cluster }],
        users: [{ name: 'it', user: { token: 'none' } }],
        contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      }),
    );
    await command.prints(/the bridge waits:\n {2}pods are not yet listed and watched: .*ECONNREFUSED/);
    command.interrupt();
    expect(await command.exit()).toBe(0);
    expect(command.remains()).toEqual([]);
  });

  test('a port in use: the reason, and nothing is left of the cluster that was started', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const command = start('--port', String(port));
    expect(await command.exit()).toBe(1);
    busy.close();
    expect(command.output).toContain('EADDRINUSE');
    expect(command.remains()).toEqual([]);
  });

  test('bad options: every problem at once, and nothing is started', async () => {
    const command = start('--context', 'c', '--port', '70000', '--user', '../x', '--namespace', 'No!');
    expect(await command.exit()).not.toBe(0);
    for (const option of ['--context "c"', '--port "70000"', '--user "../x"', '--namespace "No!"']) {
      expect(command.output).toContain(`${option}: want`);
    }
    expect(command.output).not.toContain('building');
  });
});
