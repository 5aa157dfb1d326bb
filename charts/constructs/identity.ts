import { k8s } from 'cdk8s-plus-30';
import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { labelsOf } from './labels.js';
import { inNoNamespace } from './no-namespace.js';

export interface IdentityProps {
  /** What it may do in its own namespace. @default nothing */
  readonly rules?: readonly k8s.PolicyRule[];
  /** What it may do everywhere. @default nothing */
  readonly clusterRules?: readonly k8s.PolicyRule[];
}

/** Who a workload is to the Kubernetes API: a ServiceAccount without an automatic token, and the least it needs. */
export class Identity extends Construct {
  readonly name: string;

  constructor(scope: Construct, name: string, { rules = [], clusterRules = [] }: IdentityProps = {}) {
    super(scope, name);
    this.name = name;
    const metadata = { name, labels: labelsOf(this, name) };
    const apiGroup = 'rbac.authorization.k8s.io';
    const namespace = Chart.of(this).namespace;
    const subjects = [{ kind: 'ServiceAccount', name, ...(namespace !== undefined && { namespace }) }];
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    if (rules.length > 0) {
      new k8s.KubeRole(this, 'role', { metadata, rules: [...rules] });
      new k8s.KubeRoleBinding(this, 'role-binding', { metadata, roleRef: { apiGroup, kind: 'Role', name }, subjects });
    }
    if (clusterRules.length > 0) {
      const role = new k8s.KubeClusterRole(this, 'cluster-role', { metadata, rules: [...clusterRules] });
      const roleRef = { apiGroup, kind: 'ClusterRole', name };
      const binding = new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', { metadata, roleRef, subjects });
      inNoNamespace(role, binding);
    }
  }
}
