import { jest } from '@jest/globals';
import { eventually } from '../../cluster/eventually.js';
import type { Lab } from '../../cluster/lab.js';
import { IMAGES } from '../../cluster/lab-images.js';
import { inNetwork, podPackets } from '../../cluster/lab-network.js';
import { openLab } from '../../cluster/lab-record.js';
import { BIN } from '../../cluster/node-host.js';
import { fileOf, LAB } from '../rendered-nodes.js';

jest.setTimeout(180_000);

const [MASTER, WORKER1, WORKER2] = LAB.hosts as [(typeof LAB.hosts)[0], (typeof LAB.hosts)[0], (typeof LAB.hosts)[0]];

let lab: Lab;

beforeAll(async () => {
  const found = await openLab(process.env['BERTH_LAB']);
  if (found?.inventory.name !== LAB.name) throw new Error('no VMware lab runs: use `npm run test:vmware-lab`');
  lab = found;
  await kubectl('create', 'namespace', NAMESPACE);
  await apply(pod('on-master', MASTER.name), pod('one', WORKER1.name), pod('two', WORKER2.name), SERVICE);
  await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s');
});

afterAll(() => kubectl('delete', 'namespace', NAMESPACE, '--wait=false'));

const NAMESPACE = 'machines';
const kubectl = (...args: readonly string[]): Promise<string> => lab.kubectl(['-n', NAMESPACE, ...args]);

async function apply(...objects: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await lab.kubectl(['-n', NAMESPACE, 'apply', '-f', '-'], { input });
}

/** A Pod that answers over HTTP and can ask; it goes wherever it is told, the master included. */
function pod(name: string, node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { probe: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'probe', image: IMAGES.probe, imagePullPolicy: 'Never', command: ['host', 'answer', ':8080'] },
      ],
    },
  };
}

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'two' },
  spec: { selector: { probe: 'two' }, ports: [{ port: 80, targetPort: 8080 }] },
};

const podAddress = (name: string): Promise<string> => kubectl('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');
const askFromPod = (name: string, url: string): Promise<string> => kubectl('exec', name, '--', 'host', 'ask', url);
const askFromWindows = async (url: string): Promise<string> =>
  (await lab.outside()).run([`${BIN}/host/host`, 'ask', url]);
const askFromHost = (host: typeof MASTER, url: string): Promise<string> =>
  lab.host(host).run([`${BIN}/host/host`, 'ask', url]);
const ping = (from: string): Promise<string> => inNetwork(lab.plan.name, from, ['ping', '-c1', '-W2', '172.100.100.3']);

/** Whether somebody answers. An authority that the asker does not know is an answer too. */
async function answers(ask: Promise<string>): Promise<boolean> {
  return ask.then(
    () => true,
    (error: unknown) => String(error).includes('x509'),
  );
}

describe('the VMware lab, brought up by its rendered files', () => {
  test('has the nodes of the inventory: addresses on ens37, labels, taints, parts of the Pod network', async () => {
    const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json')) as {
      items: {
        metadata: { name: string; labels: Record<string, string> };
        spec: { podCIDR: string; taints?: { key: string }[] };
        status: { addresses: { type: string; address: string }[]; capacity: { pods: string } };
      }[];
    };
    expect(items.map(({ metadata }) => metadata.name)).toEqual(LAB.hosts.map(({ name }) => name));
    expect(items.map(({ status }) => status.addresses.find(({ type }) => type === 'InternalIP')?.address)).toEqual([
      '172.100.100.2',
      '172.100.100.3',
      '172.100.100.4',
    ]);
    expect(items.map(({ spec }) => spec.podCIDR).sort()).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']);
    expect(items.map(({ spec }) => spec.taints?.map(({ key }) => key) ?? [])).toEqual([
      ['node-role.kubernetes.io/control-plane'],
      [],
      [],
    ]);
    for (const { metadata, status } of items) {
      expect(metadata.labels['topology.kubernetes.io/zone']).toBe('windows');
      expect(status.capacity.pods).toBe('110');
    }
  });

  test("has kubelets with what is theirs: a greedy sandbox process is killed alone on workers, and the system's reserve", async () => {
    const config = async (name: string) => JSON.parse(await kubectl('get', '--raw', `/api/v1/nodes/${name}/proxy/configz`)) as { kubeletconfig: Record<string, unknown> }; // prettier-ignore
    expect((await config(WORKER1.name)).kubeletconfig).toMatchObject({
      singleProcessOOMKill: true,
      maxPods: 110,
      systemReserved: { cpu: '250m', memory: '512M' },
      clusterDNS: ['10.96.0.10'],
    });
  });

  test('lets Pods on different nodes, Services and names find each other', async () => {
    expect(await askFromPod('one', `http://${await podAddress('two')}:8080`)).toContain(await podAddress('one'));
    await eventually(
      'the name of a Service',
      async () => (await askFromPod('one', 'http://two.machines.svc.cluster.local')) !== '',
    );
    expect(await askFromPod('on-master', `http://${await podAddress('one')}:8080`)).toContain('asked by');
  });

  test('enforces NetworkPolicies, which Flannel alone does not', async () => {
    const url = `http://${await podAddress('two')}:8080`;
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'closed' }, spec: { podSelector: { matchLabels: { probe: 'two' } }, policyTypes: ['Ingress'] } }; // prettier-ignore
    await apply(policy);
    await eventually('the policy to hold', async () => !(await answers(askFromPod('one', url))), { within: 60_000 });
    await kubectl('delete', 'networkpolicy', 'closed');
    await eventually('the policy to go', async () => answers(askFromPod('one', url)), { within: 60_000 });
  });

  test('encrypts Secrets in etcd', async () => {
    await kubectl('create', 'secret', 'generic', 'probe', '--from-literal=word=plaintext-of-the-secret');
    const tls = ['--cacert', '/etc/kubernetes/pki/etcd/ca.crt', '--cert', '/etc/kubernetes/pki/etcd/server.crt', '--key', '/etc/kubernetes/pki/etcd/server.key']; // prettier-ignore
    const stored = await lab.host(MASTER).run(['etcdctl', '--endpoints=https://127.0.0.1:2379', ...tls, 'get', '/registry/secrets/machines/probe']); // prettier-ignore
    expect(stored).toContain('k8s:enc:secretbox:v1:key1:');
    expect(stored).not.toContain('plaintext-of-the-secret');
    expect(await kubectl('get', 'secret', 'probe', '-o', 'jsonpath={.data.word}')).toBe(
      'cGxhaW50ZXh0LW9mLXRoZS1zZWNyZXQ=',
    );
  });
});

/** A rule of the firewall by its comment, the machine that is closed, and the story that then fails. */
const STORIES: readonly (readonly [rule: string, host: typeof MASTER, story: string, tell: () => Promise<boolean>])[] =
  [
    [
      'kube-apiserver: admins',
      MASTER,
      'an administrator asks the API',
      () => answers(askFromWindows('https://172.100.100.2:6443/readyz')),
    ],
    [
      'kube-apiserver: nodes',
      MASTER,
      'a worker asks the API',
      () => answers(askFromHost(WORKER1, 'https://172.100.100.2:6443/readyz')),
    ],
    [
      'kube-apiserver: pods',
      MASTER,
      'a Pod on the master asks the API',
      () => answers(askFromPod('on-master', 'https://172.100.100.2:6443/readyz')),
    ],
    [
      'kubelet: nodes',
      WORKER1,
      "somebody reads a Pod's log",
      () => answers(kubectl('logs', 'one', '--request-timeout=5s')),
    ],
    [
      'kubelet: pods',
      WORKER1,
      'a Pod asks the kubelet of its node',
      () => answers(askFromPod('one', 'https://172.100.100.3:10250/healthz')),
    ],
    [
      'flannel: nodes',
      WORKER2,
      'a Pod asks a Pod on another node',
      async () => answers(askFromPod('one', `http://${await podAddress('two')}:8080`)),
    ],
    [
      'NodePort Services: users',
      WORKER1,
      'a user opens the terminal on port 31000',
      () => answers(askFromWindows('http://172.100.100.3:31000')),
    ],
    ['sshd: admins', WORKER1, 'an administrator logs in', () => answers(askFromWindows('http://172.100.100.3:22'))],
    ['ping: admins', WORKER1, 'the Windows host pings a worker', () => answers(ping(lab.plan.outside.name))],
    ['ping: nodes', WORKER1, 'a worker pings another', () => answers(ping(WORKER2.name))],
  ];

/** What one master cannot show: it asks itself over loopback, which no rule looks at. */
const NOT_EXERCISED = [
  'etcd: control-planes',
  'kube-scheduler: control-planes',
  'kube-controller-manager: control-planes',
];

/** Sources whose addresses lie within another source's: closing one leaves the other open, so both are closed. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  'kube-apiserver: nodes': ['kube-apiserver: admins'],
  'ping: nodes': ['ping: admins'],
};

describe('its firewall', () => {
  test.each(STORIES.map(([rule, host, story, tell]) => [story, rule, host.name, host, tell] as const))(
    'is why %s: not without "%s" on %s',
    async (_, rule, _name, host, tell) => {
      await eventually('the story with the rendered rules', tell, { within: 30_000 });
      await lab.loadFirewall(host, [rule, ...(WITHIN[rule] ?? [])]);
      await lab.host(host).run(['conntrack', '-F']);
      const told = await tell();
      await lab.loadFirewall(host);
      expect(told).toBe(false);
      await eventually('the story with the rendered rules again', tell, { within: 60_000 });
    },
  );

  test('has no inbound rule that is neither told above nor listed as what one master cannot show', () => {
    const rules = LAB.hosts.flatMap(({ name }) =>
      [...fileOf(LAB, `${name}/etc/nftables.conf`).matchAll(/comment "([^"]+)"/g)].map(([, comment = '']) => comment),
    );
    const known = [...STORIES.map(([rule]) => rule), ...NOT_EXERCISED];
    expect([...new Set(rules)].sort()).toEqual([...known].sort());
  });

  test('lets nobody in from the way to the internet', async () => {
    for (const port of ['6443', '10250', '22', '31000'])
      expect(await answers(askFromWindows(`http://192.168.5.12:${port}`))).toBe(false);
  });
});

describe('its two networks', () => {
  test('take Pods to the internet with the address of their node', async () => {
    const answer = await eventually('an answer from outside', () => askFromPod('one', 'http://192.168.5.2'));
    expect(answer).toContain('asked by 192.168.5.12:');
  });

  test("carried Pods' packets on the host-only network alone, and there in tunnels", async () => {
    expect(await podPackets(lab.plan.name, 'nat')).toEqual({ plain: 0, tunnelled: 0 });
    const { plain, tunnelled } = await podPackets(lab.plan.name, 'host-only');
    expect(plain).toBe(0);
    expect(tunnelled).toBeGreaterThan(0);
  });
});
