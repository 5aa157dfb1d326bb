import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-30';
import { Construct } from 'constructs';
import { NamespaceGuard } from '../constructs/namespace-guard.js';
import { Quota } from '../constructs/quota.js';
import { namespacesOf } from './namespaces.js';
import type { Platform } from './platform.js';
import { partLabels } from './platform.js';

export interface PlatformChartProps {
  readonly platform: Platform;
}

/** Every namespace with its guards: what is applied first, before anything can be in one. */
export class NamespacesChart extends Chart {
  constructor(scope: Construct, id: string, { platform }: PlatformChartProps) {
    super(scope, id, { labels: { 'app.kubernetes.io/part-of': platform.partOf } });
    for (const { name, tier, mesh, podSecurity, quota } of namespacesOf(platform)) {
      const inside = new Construct(this, name);
      const labels = { ...partLabels(platform, tier, name), ...(mesh && { 'istio-injection': 'enabled' }) };
      new NamespaceGuard(inside, 'guard', { namespace: name, limits: platform.limits, labels, podSecurity });
      new Quota(inside, 'namespace', { namespace: name, hard: quota });
      if (platform.networkPolicy === 'loose') openToPlatform(inside, name, platform.partOf);
    }
  }
}

/** The loose policy: everything of the platform reaches everything of it, and may go out anywhere. */
function openToPlatform(scope: Construct, namespace: string, partOf: string): void {
  const platform = { namespaceSelector: { matchLabels: { 'app.kubernetes.io/part-of': partOf } } };
  new k8s.KubeNetworkPolicy(scope, 'open-to-platform', {
    metadata: {
      name: 'open-to-platform',
      namespace,
      annotations: { 'berth.dev/flows': 'a loose environment: the whole platform comes in, and everything may go out' },
    },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [platform] }], egress: [{}] },
  });
}
