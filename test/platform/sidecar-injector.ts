import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { V1Pod } from '@kubernetes/client-node';
import type { ControlPlane } from './control-plane.js';

/**
 * istiod's part in a Pod's creation: a mutating webhook that puts the mesh's container, of the size that the Pod's
 * annotations ask for, into Pods of namespaces labelled for it. Quotas, limits and Pod Security then judge the whole Pod.
 */
export class SidecarInjector {
  private constructor(private readonly server: Server) {}

  /** Serves it, and tells the API server of it. */
  static async start({ certificate, kubectl }: ControlPlane): Promise<SidecarInjector> {
    const { key, certificate: cert, authority } = certificate;
    const server = createServer({ key, cert }, (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(pieces).toString()) as Review;
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(review)));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await kubectl.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'istio-sidecar-injector' },
      webhooks: [
        {
          name: 'namespace.sidecar-injector.istio.io',
          clientConfig: {
            url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/inject`,
            caBundle: Buffer.from(authority).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
        },
      ],
    });
    return new SidecarInjector(server);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

interface Review {
  readonly request: { readonly uid: string; readonly object: V1Pod };
}

function answer({ request: { uid, object } }: Review): object {
  const annotations = object.metadata?.annotations ?? {};
  const asked = (what: string) => annotations[`sidecar.istio.io/proxy${what}`];
  const proxy = {
    name: 'istio-proxy',
    image: 'docker.io/istio/proxyv2:1.31.1',
    resources: {
      requests: { cpu: asked('CPU'), memory: asked('Memory') },
      limits: { cpu: asked('CPULimit'), memory: asked('MemoryLimit') },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1337,
    },
  };
  const patch = [{ op: 'add', path: '/spec/containers/-', value: proxy }];
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    },
  };
}
