import { parseQuantity } from '../../charts/model/quantity.js';
import { patched } from './patched.js';
import { DATA, only, renderedK3s } from './rendered-k3s.js';

const K3S = renderedK3s();
const PROFILES = K3S.of('PodTemplate');

describe('a profile', () => {
  test('is one of small, large, gpu-t4 and gpu-a2, and small is the default', () => {
    expect(PROFILES.map(({ metadata }) => metadata.name)).toEqual(['small', 'large', 'gpu-t4', 'gpu-a2']);
    const defaults = PROFILES.filter(({ metadata }) => metadata.annotations?.['berth.dev/default'] === 'true');
    expect(defaults.map(({ metadata }) => metadata.name)).toEqual(['small']);
    for (const { metadata } of PROFILES) {
      expect(metadata.labels?.['berth.dev/profile']).toBe(metadata.name);
      expect(metadata.annotations?.['berth.dev/title']).not.toBe('');
      expect(metadata.annotations?.['berth.dev/description']).not.toBe('');
    }
  });

  test.each(PROFILES.map((template) => [template.metadata.name, template] as const))(
    'is the whole shape of a sandbox: %s',
    (name, { template }) => {
      expect(template.metadata?.labels).toEqual({
        'app.kubernetes.io/name': 'claudecode-sandbox',
        'app.kubernetes.io/part-of': 'berth',
        'berth.dev/profile': name,
        'berth.dev/internet': 'true',
      });
      expect(template.spec).toMatchObject({
        restartPolicy: 'Never',
        priorityClassName: 'sandbox',
        activeDeadlineSeconds: 604_800,
        terminationGracePeriodSeconds: 5,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'sandbox',
            args: ['keeper'],
            envFrom: [{ secretRef: { name: 'claude-credentials', optional: true } }],
            terminationMessagePath: '/dev/termination-log',
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      });
      const [container] = template.spec.containers as unknown as {
        env: { name: string; value: string }[];
        resources: Record<string, Record<string, string>>;
        volumeMounts: { mountPath: string }[];
      }[];
      expect(Object.fromEntries(container!.env.map(({ name: key, value }) => [key, value]))).toEqual({
        KEEPER_SOCKET: '/run/keeper/keeper.sock',
        KEEPER_SHELL: '/bin/bash',
        KEEPER_IDLE_SECONDS: '43200',
        KEEPER_DEADLINE_SECONDS: '604800',
        KEEPER_HOLD_SECONDS: '60',
        KEEPER_LOG_BYTES: '4194304',
        KEEPER_TERMINATION_LOG: '/dev/termination-log',
      });
      expect(container!.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
        '/home/sandbox',
        '/tmp',
        '/run/keeper',
      ]);
      for (const kind of ['requests', 'limits'])
        expect(Object.keys(container!.resources[kind]!)).toEqual(
          expect.arrayContaining(['cpu', 'memory', 'ephemeral-storage']),
        );
    },
  );

  test.each([
    ['gpu-t4', 'T4'],
    ['gpu-a2', 'A2'],
  ])('with a GPU waits for a node with that card: %s', (name, product) => {
    const { spec } = only(K3S, 'PodTemplate', name).template;
    expect(spec).toMatchObject({
      runtimeClassName: 'nvidia',
      nodeSelector: { 'nvidia.com/gpu.present': 'true', 'nvidia.com/gpu.product': product },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      containers: [{ resources: { limits: { 'nvidia.com/gpu': '1' } } }],
    });
  });

  test('without a GPU stays off GPU nodes by their taint, and uses the default runtime', () => {
    for (const name of ['small', 'large']) {
      const { spec } = only(K3S, 'PodTemplate', name).template;
      expect([spec.tolerations, spec.nodeSelector, spec.runtimeClassName]).toEqual([undefined, undefined, undefined]);
    }
  });

  test('finds room for every card and thirty small ones, so that GPU nodes only have to join', () => {
    const wanted = { 'gpu-t4': 4, 'gpu-a2': 4, small: 30 };
    const needed = (kind: 'requests' | 'limits', resource: string) =>
      Object.entries(wanted).reduce((sum, [name, count]) => {
        const [container] = only(K3S, 'PodTemplate', name).template.spec.containers ?? [];
        return sum + count * parseQuantity(container?.resources?.[kind]?.[resource] ?? '0');
      }, 0);
    const quota = (name: string, resource: string) =>
      parseQuantity(only(K3S, 'ResourceQuota', name).spec.hard[resource] ?? '');
    expect(quota('sandboxes', 'pods')).toBeGreaterThanOrEqual(38);
    expect(quota('gpus', 'requests.nvidia.com/gpu')).toBe(needed('limits', 'nvidia.com/gpu'));
    for (const kind of ['requests', 'limits'] as const)
      for (const resource of ['cpu', 'memory'])
        expect(needed(kind, resource)).toBeLessThanOrEqual(quota('sandboxes', `${kind}.${resource}`));
  });

  test('has the lowest priority, and preempts nobody', () => {
    const priority = K3S.manifests.find(({ kind }) => kind === 'PriorityClass');
    expect(priority).toMatchObject({ metadata: { name: 'sandbox' }, value: -10, preemptionPolicy: 'Never' });
  });
});

describe("NVIDIA's device plugin", () => {
  test('sleeps until a GPU node joins', () => {
    expect(only(K3S, 'DaemonSet', 'nvidia-device-plugin-daemonset').spec.template.spec).toMatchObject({
      runtimeClassName: 'nvidia',
      nodeSelector: { 'nvidia.com/gpu.present': 'true' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
    });
  });

  test('can be switched off', () => {
    expect(renderedK3s(patched(DATA, 'devicePlugin.enabled', false)).of('DaemonSet')).toEqual([]);
  });
});
