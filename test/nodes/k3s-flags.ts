/** Flags of `k3s agent`, from its documented help (docs.k3s.io, "k3s agent" and "k3s server", 1.34). */
export const K3S_AGENT_FLAGS: readonly string[] = [
  ...['config', 'debug', 'v', 'vmodule', 'log', 'alsologtostderr', 'token', 'token-file', 'server', 'data-dir'],
  ...['node-name', 'with-node-id', 'node-label', 'node-taint', 'selinux', 'lb-server-port', 'protect-kernel-defaults'],
  ...['image-credential-provider-bin-dir', 'image-credential-provider-config', 'container-runtime-endpoint'],
  ...['default-runtime', 'image-service-endpoint', 'pause-image', 'snapshotter', 'private-registry'],
  ...['disable-default-registry-endpoint', 'nonroot-devices', 'node-ip', 'bind-address', 'node-external-ip'],
  ...['node-internal-dns', 'node-external-dns', 'resolv-conf', 'flannel-iface', 'flannel-conf', 'flannel-cni-conf'],
  ...['kubelet-arg', 'kube-proxy-arg', 'enable-pprof', 'rootless', 'prefer-bundled-bin', 'docker', 'vpn-auth'],
  ...['vpn-auth-file', 'disable-apiserver-lb'],
];

/** Flags of `k3s server`: the agent's, and its own. */
export const K3S_SERVER_FLAGS: readonly string[] = [
  ...K3S_AGENT_FLAGS,
  ...['https-listen-port', 'advertise-address', 'advertise-port', 'tls-san', 'tls-san-security', 'cluster-cidr'],
  ...['service-cidr', 'service-node-port-range', 'cluster-dns', 'cluster-domain', 'flannel-backend'],
  ...['flannel-ipv6-masq', 'flannel-external-ip', 'egress-selector-mode', 'servicelb-namespace', 'write-kubeconfig'],
  ...['write-kubeconfig-mode', 'write-kubeconfig-group', 'helm-job-image', 'agent-token', 'agent-token-file'],
  ...['cluster-init', 'cluster-reset', 'cluster-reset-restore-path', 'kube-apiserver-arg', 'etcd-arg'],
  ...['kube-controller-manager-arg', 'kube-scheduler-arg', 'kube-cloud-controller-manager-arg'],
  ...['datastore-endpoint', 'datastore-cafile', 'datastore-certfile', 'datastore-keyfile', 'etcd-expose-metrics'],
  ...['default-local-storage-path', 'disable', 'disable-scheduler', 'disable-cloud-controller', 'disable-kube-proxy'],
  ...['disable-network-policy', 'disable-helm-controller', 'embedded-registry', 'supervisor-metrics'],
  ...['system-default-registry', 'secrets-encryption', 'secrets-encryption-provider', 'disable-agent'],
];
