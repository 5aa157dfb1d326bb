import type { KubeConfig } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { parseQuantity } from '../../charts/model/quantity.js';
import type { HelmApplication } from '../../charts/platform/delivery-data.js';
import { placed } from '../../charts/platform/placement.js';
import type { Platform } from '../../charts/platform/platform.js';

/**
 * One Pod for each namespace of Applications whose own Pods are not here, as large as all that its quota has left: were they
 * to take every bit that they are allowed, this is what they would take. Namespaces without a quota are not among them.
 */
export async function reservedPods(
  config: KubeConfig,
  platform: Platform,
  applications: readonly HelmApplication[],
): Promise<readonly object[]> {
  const { items } = await config.makeApiClient(CoreV1Api).listResourceQuotaForAllNamespaces();
  const names = new Set(applications.map(({ namespace }) => namespace));
  return platform.namespaces
    .filter(({ name }) => names.has(name))
    .map(({ name, tier }) => {
      const status = items.find(({ metadata }) => metadata?.namespace === name)?.status;
      const left = (resource: string) =>
        parseQuantity(status?.hard?.[resource] ?? '0') - parseQuantity(status?.used?.[resource] ?? '0');
      const amounts = {
        cpu: `${Math.floor(left('requests.cpu') * 1000)}m`,
        memory: `${Math.floor(left('requests.memory') / 2 ** 20)}Mi`,
      };
      const container = {
        name: 'rest-of-the-quota',
        image: 'localhost/nothing:1',
        resources: { requests: amounts, limits: amounts },
      };
      const metadata = { name: 'rest-of-the-quota', namespace: name, labels: { tier } };
      return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...placed(platform, tier), containers: [container] } };
    });
}
