import { k8s } from 'cdk8s-plus-30';

/** Amounts by resource name, as Kubernetes quantities: `{ cpu: '250m', memory: '1Gi' }`. */
export type Amounts = Readonly<Record<string, string>>;

/** The typed form of amounts. */
export function quantities(amounts: Amounts): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(amounts).map(([resource, amount]) => [resource, k8s.Quantity.fromString(amount)]),
  );
}
