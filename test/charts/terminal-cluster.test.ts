import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k3sData } from '../../charts/clusters/k3s/delivery.js';
import { PLACEHOLDERS } from '../../charts/clusters/placeholders.js';
import { listFiles } from '../../charts/render/output.js';
import { BRIDGE_PERMISSIONS } from '../../charts/terminal/bridge-role.js';
import { containersOf } from '../../charts/invariants/landscape.js';
import { patched } from './patched.js';
import { DATA, only, renderedK3s } from './rendered-k3s.js';

const K3S = renderedK3s();
const BRIDGE = only(K3S, 'Deployment', 'web-terminal-service');

describe('the cluster of the seed', () => {
  test('is one k3s node, master and worker, of 8 vCPU, 240 GB and 1 TB', () => {
    expect(DATA.cluster).toMatchObject({
      version: 'v1.34.4+k3s1',
      nodes: [{ name: 'k8s-node', cpu: '8', memory: '240G', disk: '1T' }],
      components: ['coredns', 'traefik', 'metrics-server', 'local-path'],
      network: { podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] },
    });
  });

  test('has the four namespaces of its table beside kube-system', () => {
    expect(K3S.of('Namespace').map(({ metadata }) => metadata.name)).toEqual([
      'claudecode-terminal',
      'papers-frontend',
      'papers-backend',
      'papers-blockchain',
    ]);
  });

  test('uses local images that nothing tries to pull, tagged with the version', () => {
    const containers = K3S.podSources()
      .filter(({ manifest }) => manifest.metadata.namespace !== 'kube-system')
      .flatMap(({ template }) => containersOf(template));
    for (const { image, imagePullPolicy } of containers) {
      expect(image).toMatch(/^localhost\/[a-z-]+:\d+\.\d+\.\d+$/);
      expect(imagePullPolicy).toBe('Never');
    }
  });

  test('has documentation addresses until the operator puts in real ones, in one file', () => {
    const charts = new URL('../../charts/', import.meta.url).pathname;
    const documentation = /\b(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+/;
    const holders = listFiles(charts).filter(
      (path) => path.endsWith('.ts') && documentation.test(readFileSync(join(charts, path), 'utf8')),
    );
    expect(holders).toEqual(['clusters/placeholders.ts']);
    expect(DATA.cluster.nodes[0]?.address).toMatch(documentation);
  });

  test('takes real addresses from that file alone', () => {
    const lab = renderedK3s(
      k3sData({ ...PLACEHOLDERS, nodeCidr: '172.16.9.0/24', k8sNode: '172.16.9.5', extraCidrs: [] }),
    );
    const text = JSON.stringify(lab.manifests);
    expect(text).toContain('http://172.16.9.5:31000');
    expect(text).not.toContain('192.0.2');
  });
});

describe('the bridge', () => {
  test('is open on port 31000 of every node, and its operations port is not', () => {
    const { spec } = only(K3S, 'Service', 'web-terminal-service');
    expect(spec.type).toBe('NodePort');
    expect(spec.ports).toEqual([{ name: 'http', port: 3000, targetPort: 'http', nodePort: 31000, protocol: 'TCP' }]);
  });

  test('may do what it calls and nothing else: exec needs get and create', () => {
    const { rules, metadata } = only(K3S, 'Role', 'web-terminal-service');
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
      { apiGroups: [''], resources: ['podtemplates'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
    ]);
    expect(Object.keys(metadata.annotations ?? {})).toHaveLength(BRIDGE_PERMISSIONS.length);
    expect(metadata.annotations?.['berth.dev/pods-exec.get']).toContain('WebSocket upgrade is a GET');
    expect(K3S.of('ClusterRole')).toEqual([]);
    expect(K3S.of('ClusterRoleBinding')).toEqual([]);
  });

  test('reads its token from a volume whose lifetime is ours to choose', () => {
    const lifetime = (data = DATA) => {
      const { spec } = only(renderedK3s(data), 'Deployment', 'web-terminal-service').spec.template;
      return JSON.stringify(spec.volumes);
    };
    expect(lifetime()).toContain('"expirationSeconds":3600');
    expect(lifetime(patched(DATA, 'terminal.bridge.tokenSeconds', 600))).toContain('"expirationSeconds":600');
  });

  test('starts without users, and nothing secret is rendered', () => {
    expect(JSON.stringify(BRIDGE.spec.template.spec.volumes)).toContain(
      '"optional":true,"secretName":"terminal-users"',
    );
    expect(K3S.of('Secret')).toEqual([]);
  });

  test('is told by its environment what the contract names', () => {
    const [container] = BRIDGE.spec.template.spec.containers as unknown as { env: { name: string; value: string }[] }[];
    const environment = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]));
    expect(environment).toMatchObject({
      HOST: '0.0.0.0',
      PORT: '3000',
      OPS_PORT: '9090',
      NAMESPACE: 'claudecode-terminal',
      USERS_DIR: '/etc/berth/users',
      ALLOWED_ORIGINS: 'http://192.0.2.10:31000',
      SESSIONS_PER_USER: '4',
      FINISHED_TTL_SECONDS: '300',
    });
  });

  test('rolls out while sandboxes fill their quota, because each kind of Pod has a quota of its own', () => {
    const scope = (name: string) => only(K3S, 'ResourceQuota', name).spec.scopeSelector?.matchExpressions;
    expect(scope('sandboxes')).toEqual([{ scopeName: 'PriorityClass', operator: 'In', values: ['sandbox'] }]);
    expect(scope('services')).toEqual([{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['sandbox'] }]);
    expect(BRIDGE.spec.template.spec.priorityClassName).toBeUndefined();
  });
});

describe('Papers', () => {
  test('publishes its page over Traefik', () => {
    const { spec } = only(K3S, 'Ingress', 'papers-frontend');
    expect(spec.ingressClassName).toBe('traefik');
    expect(only(K3S, 'Service', 'papers-frontend').spec.type).toBe('ClusterIP');
  });

  test('keeps the data of its API on local-path, where two Pods never meet', () => {
    expect(only(K3S, 'PersistentVolumeClaim', 'papers-backend-data').spec.storageClassName).toBe('local-path');
    expect(only(K3S, 'Deployment', 'papers-backend').spec.strategy?.type).toBe('Recreate');
  });

  test('gives its peers names and disks of their own', () => {
    const { spec } = only(K3S, 'StatefulSet', 'papers-blockchain');
    expect(spec.volumeClaimTemplates?.map(({ spec: claim }) => claim.storageClassName)).toEqual(['local-path']);
    expect(spec.serviceName).toBe('papers-blockchain');
    expect(only(K3S, 'Service', 'papers-blockchain').spec).toMatchObject({ clusterIP: 'None' });
    expect(JSON.stringify(spec.template.spec.containers)).toContain(
      '{"name":"PEERS_SERVICE","value":"papers-blockchain"},{"name":"REPLICAS","value":"3"},{"name":"NAMESPACE","value":"papers-blockchain"}',
    );
  });
});
