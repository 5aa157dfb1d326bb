import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../service/pocket/certificate.js';
import type { Certificate } from '../../service/pocket/certificate.js';
import { freePort } from '../bench/free-port.js';
import { eventually } from '../cluster/eventually.js';
import type { GoModule } from '../cluster/go-module.js';
import { binariesOf, MODULES } from '../cluster/go-module.js';
import { Kubectl } from '../cluster/kubectl.js';
import { ServerProcess } from './server-process.js';

/** Who asks the API server, each with a token and only the rights that Kubernetes gives it; the first is the administrator. */
const USERS = {
  admin: 'system:masters',
  'system:kube-controller-manager': '',
  'system:kube-scheduler': '',
} as const;

/**
 * A Kubernetes control plane without a single kubelet, as plain processes on loopback: etcd, API server (RBAC and the
 * usual admission), controllers, scheduler. Nodes are whatever somebody says they are.
 */
export class ControlPlane {
  private constructor(
    readonly kubectl: Kubectl,
    /** For whoever else serves HTTPS on 127.0.0.1. */
    readonly certificate: Certificate,
    /** All that it keeps, removed by `stop`. */
    readonly folder: string,
    private readonly processes: ServerProcess[],
  ) {}

  /** Starts it and returns when it takes requests. Throws, with nothing left behind, when a part of it does not start. */
  static async start(): Promise<ControlPlane> {
    const [kubernetes, etcd] = await Promise.all([
      binariesOf(MODULES.kubernetes, missing),
      binariesOf(MODULES.etcd, missing),
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'control-plane-'));
    const certificate = await makeCertificate();
    const kubectl = new Kubectl(join(kubernetes, 'kubectl'), join(folder, 'admin.kubeconfig'));
    const plane = new ControlPlane(kubectl, certificate, folder, []);
    try {
      await plane.begin(kubernetes, etcd);
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  private async begin(kubernetes: string, etcd: string): Promise<void> {
    const [store, peers, port] = [await freePort(), await freePort(), await freePort()];
    await this.writeFiles(port);
    const storeUrl = `http://127.0.0.1:${store}`;
    await this.run('etcd', join(etcd, 'etcd'), {
      'data-dir': join(this.folder, 'etcd'),
      'listen-client-urls': storeUrl,
      'advertise-client-urls': storeUrl,
      'listen-peer-urls': `http://127.0.0.1:${peers}`,
      'unsafe-no-fsync': 'true',
    });
    await this.run('kube-apiserver', join(kubernetes, 'kube-apiserver'), {
      'etcd-servers': storeUrl,
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'secure-port': String(port),
      'tls-cert-file': join(this.folder, 'server.crt'),
      'tls-private-key-file': join(this.folder, 'server.key'),
      'token-auth-file': join(this.folder, 'tokens.csv'),
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': join(this.folder, 'accounts.key'),
      'service-account-signing-key-file': join(this.folder, 'accounts.key'),
      'service-cluster-ip-range': '10.96.0.0/12',
      // Endpoints of the API server itself, on loopback, are refused; nobody here needs them.
      'endpoint-reconciler-type': 'none',
    });
    await this.ready(() => this.kubectl.run(['get', '--raw', '/readyz']), 'the API server');
    await this.run('kube-controller-manager', join(kubernetes, 'kube-controller-manager'), {
      kubeconfig: join(this.folder, 'kube-controller-manager.kubeconfig'),
      // Nodes without kubelets renew no lease: nobody is to find them dead for it.
      controllers: '*,-node-lifecycle-controller',
      'leader-elect': 'false',
      'secure-port': '0',
      'use-service-account-credentials': 'true',
      'service-account-private-key-file': join(this.folder, 'accounts.key'),
      'horizontal-pod-autoscaler-sync-period': '2s',
      'kube-api-qps': '200',
      'kube-api-burst': '300',
    });
    await this.run('kube-scheduler', join(kubernetes, 'kube-scheduler'), {
      kubeconfig: join(this.folder, 'kube-scheduler.kubeconfig'),
      'leader-elect': 'false',
      'secure-port': '0',
    });
    // The controllers' first work in a new cluster; Pods wait for it.
    const account = ['-n', 'default', 'get', 'serviceaccount', 'default'];
    await this.ready(() => this.kubectl.run(account), 'the controllers');
  }

  /** Ends everything and removes what it kept. */
  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async run(name: string, program: string, flags: Readonly<Record<string, string>>): Promise<void> {
    const words = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    this.processes.push(await ServerProcess.start(name, [program, ...words], join(this.folder, `${name}.log`)));
  }

  private async ready(ask: () => Promise<string>, what: string): Promise<void> {
    await eventually(what, async () => {
      await Promise.all(this.processes.map((process) => process.alive()));
      return (await ask()) !== '';
    });
  }

  private async writeFiles(port: number): Promise<void> {
    const { key, certificate, authority } = this.certificate;
    const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const tokens = Object.entries(USERS).map(
      ([user, group]) => [randomBytes(16).toString('hex'), user, group] as const,
    );
    const files = {
      'server.key': key,
      'server.crt': certificate,
      'accounts.key': accounts.export({ type: 'pkcs1', format: 'pem' }).toString(),
      'tokens.csv': tokens.map(([token, user, group]) => `${token},${user},${user},"${group}"\n`).join(''),
      ...Object.fromEntries(
        tokens.map(([token, user]) => [
          `${user.replace('system:', '')}.kubeconfig`,
          kubeconfig(`https://127.0.0.1:${port}`, authority, token),
        ]),
      ),
    };
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(this.folder, name), text, { mode: 0o600 })),
    );
  }
}

function missing({ folder, firstBuild }: GoModule): void {
  throw new Error(`${folder} is not built on this machine: \`npm run cluster -- build\` does it (about ${firstBuild})`);
}

function kubeconfig(server: string, authority: string, token: string): string {
  const named = (name: string, key: string, value: object) => [{ name, [key]: value }];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: named('plane', 'cluster', {
      server,
      'certificate-authority-data': Buffer.from(authority).toString('base64'),
    }),
    users: named('user', 'user', { token }),
    contexts: named('plane', 'context', { cluster: 'plane', user: 'user' }),
    'current-context': 'plane',
  });
}
