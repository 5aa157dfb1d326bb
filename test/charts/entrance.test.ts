import type { Entrance } from '../../charts/terminal/entrance.js';
import { checkTerminal } from '../../charts/terminal/terminal.js';
import { patched } from './patched.js';
import { DATA, only, renderedK3s } from './rendered-k3s.js';

const TRAEFIK: Entrance = {
  kind: 'ingress',
  host: 'terminal.example.org',
  className: 'traefik',
  tlsSecret: 'terminal-tls',
  controller: { name: 'traefik', namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'traefik' } },
};

const variable = (landscape: ReturnType<typeof renderedK3s>, name: string): string | undefined => {
  const { template } = only(landscape, 'Deployment', 'web-terminal-service').spec;
  const [container] = template.spec.containers as unknown as { env: { name: string; value: string }[] }[];
  return container!.env.find((each) => each.name === name)?.value;
};

describe('the entrance', () => {
  test('over a NodePort nobody is believed to be somebody else', () => {
    expect(variable(renderedK3s(), 'TRUST_PROXY')).toBe('0');
  });

  test('behind an Ingress controller there is TLS, no NodePort, and nobody else who could forge a forwarded address', () => {
    const landscape = renderedK3s(patched(DATA, 'terminal.bridge.entrance', TRAEFIK));
    const service = only(landscape, 'Service', 'web-terminal-service');
    expect(service.spec.type).toBe('ClusterIP');
    expect(service.spec.ports).toEqual([{ name: 'http', port: 3000, targetPort: 'http', protocol: 'TCP' }]);
    expect(only(landscape, 'Ingress', 'web-terminal-service').spec).toMatchObject({
      ingressClassName: 'traefik',
      tls: [{ hosts: ['terminal.example.org'], secretName: 'terminal-tls' }],
      rules: [{ host: 'terminal.example.org' }],
    });
    expect(variable(landscape, 'TRUST_PROXY')).toBe('1');
    const policy = only(landscape, 'NetworkPolicy', 'web-terminal-service', 'claudecode-terminal');
    expect(policy.spec.ingress).toMatchObject([
      {
        from: [
          {
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          },
        ],
      },
    ]);
  });

  test('is refused with every problem at once', () => {
    const bad = { ...TRAEFIK, host: 'https://Terminal', className: 'Traefik!', tlsSecret: '' };
    const { terminal } = patched(DATA, 'terminal.bridge.entrance', bad);
    expect(checkTerminal(terminal).map(({ field }) => field)).toEqual([
      'bridge.entrance.host',
      'bridge.entrance.className',
      'bridge.entrance.tlsSecret',
    ]);
  });
});
