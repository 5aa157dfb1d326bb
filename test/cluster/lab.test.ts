import { jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './cache.js';
import { eventually } from './eventually.js';
import { IMAGES } from './lab-images.js';
import { LabStory, probePod, RESTRICTED } from './lab-story.js';
import { WEB_NODE_PORT } from './relay.js';

jest.setTimeout(180_000);

describe('the lab', () => {
  let story: LabStory;
  beforeAll(async () => {
    story = await LabStory.begin({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    await story.probes(
      { name: 'asker', node: 'worker-a2' },
      { name: 'far', node: 'worker-t4', answering: true },
      { name: 'near', node: 'worker-a2', answering: true },
    );
    const ports = [{ port: 80, targetPort: 8080 }];
    await story.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'far' },
      spec: { selector: { probe: 'far' }, ports },
    });
  });
  afterAll(() => story.end());

  it('is what the inventory says, and every node is Ready', async () => {
    const nodes = await story.kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.status.addresses[0].address} {.metadata.labels.nvidia\\.com/gpu\\.product} {.spec.taints[*].key}{"\\n"}{end}',
    );
    expect(nodes.split('\n').map((line) => line.trim())).toEqual(
      expect.arrayContaining([
        'master True 192.0.2.10',
        'worker-t4 True 192.0.2.11 T4 nvidia.com/gpu',
        'worker-a2 True 192.0.2.12 A2 nvidia.com/gpu',
      ]),
    );
  });

  it('resolves the name of a Service and reaches its Pod on another node', async () => {
    for (const name of [`far.${story.namespace}.svc.cluster.local`, 'far']) {
      // kube-proxy hears of a new Service a moment after the API server.
      const answer = await eventually(`${name} to answer`, () => story.ask('asker', `http://${name}`));
      expect(answer).toContain('asked by');
    }
  });

  it('shows a Pod on another node the address of the Pod that asks', async () => {
    const answer = await story.ask('asker', `http://${await story.addressOf('far')}:8080`);
    expect(answer).toContain(`asked by ${await story.addressOf('asker')}:`);
  });

  it('lets the API server reach a Pod on another node by one rule of that node’s firewall', async () => {
    const path = `/api/v1/namespaces/${story.namespace}/pods/far:8080/proxy/`;
    const ask = (): Promise<string> => story.lab.kubectl(['get', '--raw', path, '--request-timeout=5s']);
    const node = story.lab.node('worker-t4');
    expect(await ask()).toContain(`asked by ${story.lab.inventory.apiServer.advertiseAddress}:`);
    await story.lab.loadFirewall(node, ['flannel: nodes']);
    try {
      await story.lab.host(node).run(['conntrack', '-F']);
      await expect(ask()).rejects.toThrow();
    } finally {
      await story.lab.loadFirewall(node);
    }
    await eventually('an answer again', ask);
  });

  it('lets Pods reach the host outside, by its public address and name and by those that policies forbid', async () => {
    const { internet, forbidden } = story.lab.plan.outside;
    expect(await story.ask('asker', `http://${internet.name}`)).toContain('asked by');
    for (const address of forbidden) expect(await story.ask('asker', `http://${address}`)).toContain('asked by');
  });

  it('enforces a NetworkPolicy on the same node and across nodes, and lifts it again', async () => {
    const urls = [`http://${await story.addressOf('near')}:8080`, `http://${await story.addressOf('far')}:8080`];
    for (const url of urls) expect(await story.ask('asker', url)).toContain('asked by');
    await story.apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'mute' },
      spec: { podSelector: { matchLabels: { probe: 'asker' } }, policyTypes: ['Egress'], egress: [] },
    });
    const refused = async (url: string): Promise<boolean> =>
      story.ask('asker', url).then(
        () => false,
        () => true,
      );
    for (const url of urls) await eventually(`${url} to be refused`, () => refused(url));
    await story.kubectl('delete', 'networkpolicy', 'mute');
    for (const url of urls) await eventually(`${url} to answer again`, () => story.ask('asker', url));
  });

  it('refuses a Pod that does not conform to the namespace’s Pod Security level', async () => {
    const privileged = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'privileged' },
      spec: { containers: [{ name: 'c', image: 'localhost/x:1', securityContext: { privileged: true } }] },
    };
    await expect(story.apply(privileged)).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  it('runs a command in a container and gives its exit code', async () => {
    expect(await story.kubectl('exec', 'asker', '--', 'id', '-u')).toBe('1000\n');
    await expect(story.kubectl('exec', 'asker', '--', 'sh', '-c', 'exit 7')).rejects.toMatchObject({ code: 7 });
  });

  it('writes down who used which verb in the audit log', async () => {
    const events = (await readFile(story.lab.auditLog, 'utf8'))
      .split('\n')
      .filter((line) => line.includes(story.namespace));
    expect(events.some((line) => line.includes('"subresource":"exec"') && line.includes('"verb":"get"'))).toBe(true);
  });

  it('carries the terminal’s port of this machine to the NodePort, from the host outside', async () => {
    const existing = await story.kubectl('get', 'services', '-A', '-o', 'jsonpath={..nodePort}');
    if (!existing.split(' ').includes(String(WEB_NODE_PORT))) {
      await story.apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: {
          type: 'NodePort',
          selector: { probe: 'far' },
          ports: [{ port: 80, targetPort: 8080, nodePort: WEB_NODE_PORT }],
        },
      });
    }
    const { web } = story.lab.plan.ports;
    await eventually('an answer', async () => (await fetch(`http://127.0.0.1:${web}`)).status < 500);
  });

  it('binds a volume of local-path where its Pod runs, and reports metrics', async () => {
    await story.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'disk' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    });
    await story.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'writer' },
      spec: {
        containers: [
          {
            name: 'writer',
            image: IMAGES.probe,
            imagePullPolicy: 'Never',
            command: ['/bin/sh', '-c', 'echo kept > /disk/file && cat /disk/file'],
            volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
            securityContext: RESTRICTED,
          },
        ],
        volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }],
        restartPolicy: 'Never',
      },
    });
    await story.kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/writer', '--timeout=90s');
    expect(await story.kubectl('logs', 'writer')).toBe('kept\n');
    const top = await eventually('metrics of all nodes', () => story.kubectl('top', 'nodes', '--no-headers'), {
      within: 120_000,
    });
    expect(top).toContain('master');
  });

  describe('with the chart’s device plugin', () => {
    beforeAll(async () => {
      await story.lab.kubectl(['apply', '-f', join(REPOSITORY, 'cdk8s.out/30-kube-system.k8s.yaml')]);
      const gpus = 'jsonpath={range .items[*]}{.metadata.name}={.status.allocatable.nvidia\\.com/gpu} {end}';
      await eventually('four GPUs on each worker', async () => {
        const counted = await story.kubectl('get', 'nodes', '-o', gpus);
        return counted.includes('worker-t4=4') && counted.includes('worker-a2=4') && counted.includes('master= ');
      });
    });

    it('gives a Pod of RuntimeClass nvidia the GPUs it asks for, on a worker', async () => {
      await story.probes({ name: 'two-gpus', gpus: 2, node: 'worker-t4' });
      const granted = await story.kubectl('exec', 'two-gpus', '--', 'sh', '-c', 'echo $NVIDIA_VISIBLE_DEVICES');
      expect(granted.trim().split(',')).toHaveLength(2);
    });

    it('says that no node has more than four', async () => {
      await story.apply(probePod({ name: 'five-gpus', gpus: 5 }));
      await eventually('the scheduler to say why', async () => {
        const why = await story.kubectl('get', 'pod', 'five-gpus', '-o', 'jsonpath={.status.conditions[0].message}');
        return why.includes('Insufficient nvidia.com/gpu');
      });
    });
  });
});
