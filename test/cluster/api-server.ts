import { join } from 'node:path';
import { eventually } from './eventually.js';
import type { GoModule } from './go-module.js';
import { binariesOf, MODULES, NEXT_API_SERVER, VERSIONS } from './go-module.js';
import type { Lab } from './lab.js';
import { imageArchive } from './oci-image.js';

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** The API servers that a lab can run, by minor version. A control plane may be one version ahead of its kubelets. */
export const API_SERVERS: Readonly<Partial<Record<string, { readonly module: GoModule; readonly version: string }>>> = {
  '1.34': { module: MODULES.kubernetes, version: VERSIONS.kubernetes },
  '1.35': { module: NEXT_API_SERVER, version: VERSIONS.nextApiServer },
};

/**
 * Replaces the lab's API server, with its data as they are, and returns when the new one answers and the
 * scheduler and the controllers use it. The version is a key of
 * `API_SERVERS`. Whoever asks for 1.35 should go back to 1.34 afterwards; both ways take half a minute.
 */
export async function runApiServer(lab: Lab, minor: string, progress: (step: string) => void): Promise<void> {
  const wanted = API_SERVERS[minor];
  const [node] = lab.nodes;
  if (wanted === undefined || node === undefined)
    throw new RangeError(`${minor}: want one of ${Object.keys(API_SERVERS).join(', ')}`);
  const { module, version } = wanted;
  const binaries = await binariesOf(module, ({ folder, firstBuild }) => progress(`building ${folder}: ${firstBuild}`));
  const reference = `localhost/kube-apiserver:${version}`;
  const file = { from: join(binaries, 'kube-apiserver'), to: '/usr/local/bin/kube-apiserver', mode: 0o755 };
  await lab.importImages(node, [await imageArchive({ reference, files: [file], entrypoint: [] })]);

  const host = lab.host(node);
  const manifest = await host.run(['cat', MANIFEST]);
  const changed = manifest.replace(/image: localhost\/kube-apiserver:\S+/, `image: ${reference}`);
  // Moved into place: the kubelet would obey half a file as well.
  const unwatched = '/etc/kubernetes/kube-apiserver.new';
  await host.run(['sh', '-c', `cat > ${unwatched} && mv ${unwatched} ${MANIFEST}`], { input: changed });
  await eventually(
    `the API server ${version}`,
    async () => (await lab.kubectl(['get', '--raw', '/version'])).includes(`"gitVersion": "${version}"`),
    { within: 180_000, every: 500 },
  );
  await eventually('the API server to be ready', () => lab.healthy(), { within: 60_000, every: 500 });
  // Those who lost the old one for long begin anew, after a pause of their own; without them no Pod gets a node.
  const since = Date.now();
  for (const name of ['kube-scheduler', 'kube-controller-manager']) {
    const renewal = ['-n', 'kube-system', 'get', 'lease', name, '-o', 'jsonpath={.spec.renewTime}'];
    const works = async (): Promise<boolean> => Date.parse(await lab.kubectl(renewal)) > since;
    await eventually(`the ${name} to find the API server ${version}`, works, { within: 180_000, every: 500 });
  }
}
