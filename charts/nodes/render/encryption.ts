import type { NodeFile } from './node-file.js';
import { scriptText } from './node-file.js';

/** Where kubeadm's API server finds out how Secrets are encrypted in etcd. The key is made on the node and stays there. */
export const ENCRYPTION_FOLDER = '/etc/kubernetes/encryption';
export const ENCRYPTION_CONFIG = `${ENCRYPTION_FOLDER}/config.yaml`;
export const MAKE_ENCRYPTION_KEY = '/usr/local/sbin/make-encryption-key';

/** The script that makes the key, once. */
export function encryptionFiles(): readonly NodeFile[] {
  const text = scriptText('Makes the key that Secrets are encrypted with in etcd; a second run changes nothing.', [
    'umask 077',
    `[ ! -e ${ENCRYPTION_CONFIG} ] || exit 0`,
    `mkdir -p ${ENCRYPTION_FOLDER}`,
    'key=$(head -c 32 /dev/urandom | base64)',
    `cat > ${ENCRYPTION_CONFIG} <<EOF`,
    'apiVersion: apiserver.config.k8s.io/v1',
    'kind: EncryptionConfiguration',
    'resources:',
    '  - resources: [secrets]',
    '    providers:',
    '      - secretbox:',
    '          keys:',
    '            - name: key1',
    '              secret: $key',
    '      - identity: {}',
    'EOF',
  ]);
  return [{ path: MAKE_ENCRYPTION_KEY, text, mode: '0755' }];
}
