import { k3sDelivery } from '../../charts/clusters/k3s/delivery.js';
import { synth } from '../../charts/render/synth.js';
import { SynthError } from '../../charts/render/synth-error.js';
import { patched } from './patched.js';
import { DATA } from './rendered-k3s.js';

/** What a person is told about these data. */
function complaints(data: typeof DATA): readonly string[] {
  try {
    synth([k3sDelivery(data)]);
    return [];
  } catch (error) {
    if (error instanceof SynthError) return error.complaints;
    throw error;
  }
}

describe('data that cannot be rendered', () => {
  test.each([
    [
      'a node port outside the range',
      'terminal.bridge.entrance.port',
      99999,
      'terminal.bridge.entrance.port = 99999: want a whole number from 30000 to 32767',
    ],
    [
      'a node port that is no whole number',
      'terminal.bridge.entrance.port',
      31000.5,
      'terminal.bridge.entrance.port = 31000.5',
    ],
    [
      'a network with host bits',
      'cluster.network.podCidrs.0',
      '10.42.0.1/16',
      'cluster.network.podCidrs[0] = "10.42.0.1/16": want a network in CIDR notation',
    ],
    [
      'a network that is none',
      'cluster.network.serviceCidrs.0',
      '10.43/16',
      'cluster.network.serviceCidrs[0] = "10.43/16": want a network in CIDR notation',
    ],
    [
      'a prefix that is too long',
      'cluster.network.nodeCidrs.0',
      '192.0.2.0/33',
      'cluster.network.nodeCidrs[0] = "192.0.2.0/33"',
    ],
    [
      'networks that overlap',
      'cluster.network.serviceCidrs.0',
      '10.42.128.0/17',
      'must not overlap network.podCidrs[0] = 10.42.0.0/16',
    ],
    [
      'a node outside its network',
      'cluster.nodes.0.address',
      '203.0.113.9',
      'cluster.nodes[0].address = "203.0.113.9": must lie in one of network.nodeCidrs',
    ],
    ['a cluster without a node', 'cluster.nodes', [], 'cluster.nodes = []: want at least one node'],
    ['a version that may change', 'cluster.version', 'v1.34', 'cluster.version = "v1.34": want an exact version'],
    [
      'a profile without requests',
      'terminal.profiles.0.requests',
      {},
      'terminal.profiles.small.requests.memory = undefined: want a quantity above 0',
    ],
    [
      'a request above its limit',
      'terminal.profiles.0.requests.memory',
      '5Gi',
      'terminal.profiles.small.requests.memory = "5Gi": must not exceed the limit 4Gi',
    ],
    [
      'a quantity that is none',
      'terminal.profiles.0.limits.memory',
      '4 GB',
      'terminal.profiles.small.limits.memory = "4 GB": want a quantity above 0',
    ],
    [
      'scratch space above the storage limit',
      'terminal.profiles.0.scratch.home',
      '20Gi',
      'terminal.profiles.small.scratch = {"home":"20Gi","tmp":"1Gi","run":"16Mi"}: together at most limits.ephemeral-storage, 10Gi',
    ],
    [
      'a GPU profile without toleration',
      'terminal.profiles.2.gpu.toleration',
      undefined,
      'terminal.profiles.gpu-t4.gpu.toleration = undefined: a GPU profile needs the toleration',
    ],
    [
      'a GPU profile without runtime class',
      'terminal.profiles.3.gpu.runtimeClass',
      undefined,
      'terminal.profiles.gpu-a2.gpu.runtimeClass = undefined: a GPU profile needs its RuntimeClass',
    ],
    [
      'half a GPU',
      'terminal.profiles.2.gpu.count',
      0.5,
      'terminal.profiles.gpu-t4.gpu.count = 0.5: want a whole number above 0',
    ],
    [
      'a card that nobody has',
      'terminal.profiles.2.gpu.product',
      'H100',
      'terminal.profiles.gpu-t4.gpu.product = "H100": want one of T4, A2',
    ],
    [
      'two profiles of one name',
      'terminal.profiles.1.name',
      'small',
      'terminal.profiles.name = "small": must be unique',
    ],
    [
      'no default profile',
      'terminal.profiles.0.default',
      false,
      'terminal.profiles.default = []: want exactly one default profile',
    ],
    [
      'two default profiles',
      'terminal.profiles.1.default',
      true,
      'terminal.profiles.default = ["small","large"]: want exactly one',
    ],
    [
      'an image without a tag',
      'terminal.bridge.image',
      'localhost/web-terminal-service',
      'terminal.bridge.image = "localhost/web-terminal-service": want a full image reference',
    ],
    [
      'an image that is the latest',
      'papers.backend.image',
      'localhost/papers-backend:latest',
      'papers.backend.image = "localhost/papers-backend:latest"',
    ],
    [
      'an image without a registry',
      'devicePlugin.image',
      'nvidia/k8s-device-plugin:v1',
      'devicePlugin.image = "nvidia/k8s-device-plugin:v1"',
    ],
    ['an image from an archive', 'papers.backend.image', 'docker.io/bitnami/postgresql:16.1', 'nothing from bitnami/'],
    [
      'an origin with a path',
      'terminal.bridge.allowedOrigins.0',
      'https://terminal.example/x',
      'terminal.bridge.allowedOrigins = "https://terminal.example/x": want an origin',
    ],
    [
      'a token that is too short-lived',
      'terminal.bridge.tokenSeconds',
      60,
      'terminal.bridge.tokenSeconds = 60: want at least 600',
    ],
    [
      'a token that would last a year',
      'terminal.bridge.tokenSeconds',
      3607,
      'terminal.bridge.tokenSeconds = 3607: would last a year',
    ],
    [
      'a quota that Kubernetes would refuse',
      'terminal.sandboxes.quota',
      { 'requests.storage': '1Gi' },
      'terminal.sandboxes.quota.requests.storage = "1Gi": a PriorityClass quota counts',
    ],
    [
      'an idle limit above the hard one',
      'terminal.sandboxes.idleSeconds',
      700000,
      'must not exceed sandboxes.deadlineSeconds',
    ],
    [
      'two tiers of one name',
      'papers.backend.name',
      'papers-frontend',
      'papers.name = "papers-frontend": must be unique',
    ],
    [
      'a name that is no DNS label',
      'papers.frontend.name',
      'Papers_Frontend',
      'papers.frontend.name = "Papers_Frontend": want at most 63',
    ],
    ['an unknown component', 'cluster.components.0', 'nginx', 'cluster.components[0] = "nginx": want one of coredns'],
  ])('are refused: %s', (_, path, value, complaint) => {
    const told = complaints(patched(DATA, path, value));
    expect(told).toContainEqual(expect.stringContaining(complaint));
    expect(told.every((line) => line.startsWith('k3s/prod '))).toBe(true);
  });

  test('are refused for everything at once', () => {
    const one = patched(DATA, 'terminal.bridge.entrance.port', 99999);
    const two = patched(one, 'cluster.network.podCidrs.0', 'everywhere');
    const three = patched(two, 'papers.frontend.image', 'nginx');
    expect(complaints(three)).toEqual([
      expect.stringContaining('cluster.network.podCidrs[0] = "everywhere"'),
      expect.stringContaining('terminal.bridge.entrance.port = 99999'),
      expect.stringContaining('papers.frontend.image = "nginx"'),
    ]);
  });

  test('of one cluster do not hide what is wrong with another', () => {
    const bad = k3sDelivery(patched(DATA, 'terminal.bridge.entrance.port', 1));
    const other = k3sDelivery(patched(DATA, 'cluster.components', ['coredns']));
    expect(() => synth([bad, other])).toThrow(/entrance\.port = 1[^]*Ingress\/papers-frontend: component-exists/);
  });
});

test('data as committed are fine', () => {
  expect(complaints(DATA)).toEqual([]);
});
