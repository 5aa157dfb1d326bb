/** What a kubeconfig names. */
export interface KubeconfigProps {
  readonly url: string;
  /** Base64 of the authority's PEM. */
  readonly caData: string;
  readonly namespace: string;
  readonly user: string;
  /** Read afresh by clients, so that the token can be rotated. */
  readonly tokenFile: string;
}

/** A kubeconfig as JSON, which is YAML too. */
export function kubeconfig({ url, caData, namespace, user, tokenFile }: KubeconfigProps): string {
  const name = 'pocket-cluster';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': caData } }],
    // `token-file` is what the JavaScript client reads, once; kubectl reads `tokenFile`, each time.
    users: [{ name: user, user: { tokenFile, 'token-file': tokenFile } }],
    contexts: [{ name, context: { cluster: name, user, namespace } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
