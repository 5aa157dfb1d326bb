import { readConfig } from '../../service/bridge/config.js';
import { LABELS, SANDBOX_APP, SANDBOX_CONTAINER, type PodTemplate } from '../../service/bridge/sessions/pod.js';
import { instantiate, isProfile, profileView } from '../../service/bridge/sessions/profile.js';
import { readConfiguration } from '../../service/keeper/configuration.js';
import { readManifests, type Manifest } from '../stories/pocket-stage.js';

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
}

/** Whether nonsense in place of a setting is neither refused nor noticed. */
function isIgnored(read: (value: string) => unknown, before: unknown): boolean {
  try {
    return JSON.stringify(read('/no such thing')) === JSON.stringify(before);
  } catch {
    return false;
  }
}

describe('charts and service share no code, and agree', () => {
  let objects: readonly Manifest[];

  beforeAll(async () => {
    objects = await readManifests();
  });

  test('the bridge accepts the environment that its Deployment gives it, and knows every variable of it', () => {
    const deployment = objects.find(
      (each) => each.kind === 'Deployment' && each.metadata.name === 'web-terminal-service',
    ) as unknown as { spec: { template: { spec: { containers: Container[] } } } };
    const bridge = deployment.spec.template.spec.containers[0]!;
    const environment = Object.fromEntries(bridge.env.map(({ name, value }) => [name, value ?? '']));
    const cluster = { KUBERNETES_SERVICE_HOST: '10.43.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const config = readConfig({ ...environment, ...cluster });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 3000,
      opsPort: 9090,
      namespace: 'claudecode-terminal',
      basePath: '',
    });
    expect(bridge.ports).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'http', containerPort: config.port }),
        expect.objectContaining({ name: 'ops', containerPort: config.opsPort }),
      ]),
    );
    const names = Object.keys(environment).filter((name) => name !== 'NODE_ENV');
    const ignored = names.filter((name) =>
      isIgnored((value) => readConfig({ ...environment, ...cluster, [name]: value }), config),
    );
    expect(ignored).toEqual([]);
  });

  test('every PodTemplate is a profile that the bridge can offer and instantiate; exactly one is the default', () => {
    const templates = objects.filter((each) => each.kind === 'PodTemplate') as unknown as PodTemplate[];
    expect(templates.map((template) => template.metadata.name).sort()).toEqual(['gpu-a2', 'gpu-t4', 'large', 'small']);
    expect(templates.every(isProfile)).toBe(true);
    expect(
      templates
        .map(profileView)
        .filter((view) => view.default)
        .map((view) => view.name),
    ).toEqual(['small']);
    for (const template of templates) {
      const pod = instantiate(template, { id: 'abcdefgh2345', user: 'alice', name: 'x' }) as {
        metadata: { labels: Record<string, string> };
        spec: { containers: Container[]; activeDeadlineSeconds: number };
      };
      expect(pod.metadata.labels).toMatchObject({
        [LABELS.app]: SANDBOX_APP,
        [LABELS.profile]: template.metadata.name,
      });
      const [container] = pod.spec.containers;
      expect(container).toMatchObject({ name: SANDBOX_CONTAINER, args: ['keeper'] });
      const environment = new Map(container!.env.map(({ name, value }) => [name, value]));
      expect(environment.get('KEEPER_DEADLINE_SECONDS')).toBe(String(pod.spec.activeDeadlineSeconds));
      const given = Object.fromEntries(environment);
      const ignored = [...environment.keys()].filter((name) =>
        isIgnored((value) => readConfiguration({ ...given, [name]: value }), readConfiguration(given)),
      );
      expect(ignored).toEqual([]);
    }
  });
});
