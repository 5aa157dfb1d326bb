import { patched } from './patched.js';
import type { End } from '../../charts/invariants/reachability.js';
import { allowed } from '../../charts/invariants/reachability.js';
import { DATA, only, renderedK3s } from './rendered-k3s.js';

const K3S = renderedK3s();
const DNS: End = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const TRAEFIK: End = { namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'traefik' } };
const BRIDGE = pods('claudecode-terminal', 'web-terminal-service');
const [FRONTEND, BACKEND, BLOCKCHAIN] = ['papers-frontend', 'papers-backend', 'papers-blockchain'].map((name) =>
  pods(name, name),
) as [End, End, End];

function pods(namespace: string, name: string): End {
  return { namespace, labels: { 'app.kubernetes.io/name': name } };
}

function sandbox(profile: string, landscape = K3S): End {
  const { template } = only(landscape, 'PodTemplate', profile);
  return { namespace: 'claudecode-terminal', labels: template.metadata?.labels ?? {} };
}

describe('a sandbox', () => {
  test.each(['192.0.2.10', '192.0.2.77', '10.42.0.9', '10.43.0.1', '198.51.100.1'])(
    'does not reach the cluster or its networks: %s',
    (address) => {
      for (const port of [22, 80, 443, 6443, 10250, 31000])
        expect(allowed(K3S, { from: sandbox('small'), to: { address }, port })).toBe(false);
    },
  );

  test.each(['10.0.0.1', '172.16.5.5', '172.31.255.255', '192.168.1.1', '100.64.0.1', '169.254.169.254', '127.0.0.1'])(
    'does not reach what is private, shared or link-local: %s',
    (address) => {
      expect(allowed(K3S, { from: sandbox('small'), to: { address }, port: 80 })).toBe(false);
    },
  );

  test.each(['1.1.1.1', '172.32.0.1', '203.0.113.7', '100.128.0.1'])('reaches the internet: %s', (address) => {
    expect(allowed(K3S, { from: sandbox('small'), to: { address }, port: 443 })).toBe(true);
  });

  test('does not reach the internet when its profile says so, and still has names', () => {
    const offline = renderedK3s(patched(DATA, 'terminal.profiles.0.internet', false));
    const from = sandbox('small', offline);
    expect(allowed(offline, { from, to: { address: '1.1.1.1' }, port: 443 })).toBe(false);
    expect(allowed(offline, { from, to: DNS, port: 53, protocol: 'UDP' })).toBe(true);
  });

  test('asks the cluster DNS over UDP and TCP, and no other Pod anything', () => {
    for (const protocol of ['UDP', 'TCP'] as const)
      expect(allowed(K3S, { from: sandbox('small'), to: DNS, port: 53, protocol })).toBe(true);
    expect(allowed(K3S, { from: sandbox('small'), to: DNS, port: 9153 })).toBe(false);
    for (const to of [BRIDGE, FRONTEND, BACKEND, sandbox('large'), TRAEFIK])
      for (const port of [53, 3000, 8080]) expect(allowed(K3S, { from: sandbox('small'), to, port })).toBe(false);
  });

  test('is reached by nobody', () => {
    for (const from of [BRIDGE, FRONTEND, TRAEFIK, sandbox('small'), { address: '192.0.2.10' }])
      expect(allowed(K3S, { from, to: sandbox('small'), port: 8080 })).toBe(false);
  });

  const IPV6 = [
    'fd00::1',
    'fe80::1',
    '64:ff9b::a2a:1',
    '64:ff9b:1::1',
    '::ffff:10.42.0.1',
    '2002:a2a:1::',
    '::1',
    'ff02::1',
  ];

  test('has no IPv6 at all on a cluster without it', () => {
    for (const address of [...IPV6, '2606:4700::1111'])
      expect(allowed(K3S, { from: sandbox('small'), to: { address }, port: 443 })).toBe(false);
  });

  test('reaches only the internet over IPv6 on a dual-stack cluster', () => {
    const pod = patched(DATA, 'cluster.network.podCidrs', ['10.42.0.0/16', '2a01:4f8:42::/56']);
    const dual = renderedK3s(patched(pod, 'cluster.network.serviceCidrs', ['10.43.0.0/16', 'fd00:43::/112']));
    const from = sandbox('small', dual);
    for (const address of [...IPV6, '2a01:4f8:42::9', 'fd00:43::1', '10.42.0.9'])
      expect(allowed(dual, { from, to: { address }, port: 443 })).toBe(false);
    for (const address of ['2606:4700::1111', '1.1.1.1'])
      expect(allowed(dual, { from, to: { address }, port: 443 })).toBe(true);
  });
});

describe('the bridge', () => {
  test('is reached on its page by everybody, and on its operations port by no Pod and no stranger', () => {
    for (const from of [TRAEFIK, { address: '203.0.113.5' }, { address: '10.42.0.1' }]) {
      expect(allowed(K3S, { from, to: BRIDGE, port: 3000 })).toBe(true);
      expect(allowed(K3S, { from, to: BRIDGE, port: 9090 })).toBe(false);
    }
  });

  test('calls the Kubernetes API at its Service and at the node, and nothing else', () => {
    expect(allowed(K3S, { from: BRIDGE, to: { address: '10.43.0.1' }, port: 443 })).toBe(true);
    expect(allowed(K3S, { from: BRIDGE, to: { address: '192.0.2.10' }, port: 6443 })).toBe(true);
    expect(allowed(K3S, { from: BRIDGE, to: { address: '192.0.2.10' }, port: 10250 })).toBe(false);
    expect(allowed(K3S, { from: BRIDGE, to: { address: '1.1.1.1' }, port: 443 })).toBe(false);
  });
});

describe('Papers', () => {
  test('is reached through the Ingress alone, and passes requests down its tiers', () => {
    const paths = [
      [TRAEFIK, FRONTEND],
      [FRONTEND, BACKEND],
      [BACKEND, BLOCKCHAIN],
      [BLOCKCHAIN, BLOCKCHAIN],
    ] as const;
    const ends = [TRAEFIK, FRONTEND, BACKEND, BLOCKCHAIN, BRIDGE];
    for (const from of ends)
      for (const to of [FRONTEND, BACKEND, BLOCKCHAIN]) {
        const meant = paths.some(([sender, receiver]) => sender === from && receiver === to);
        expect(allowed(K3S, { from, to, port: 8080 })).toBe(meant);
      }
  });

  test('does not reach the internet', () => {
    for (const from of [FRONTEND, BACKEND, BLOCKCHAIN])
      expect(allowed(K3S, { from, to: { address: '1.1.1.1' }, port: 443 })).toBe(false);
  });
});
