import { readFileSync } from 'node:fs';
import { IMAGES } from '../../service/images/image.js';
import { runImageScript } from './image-script.js';
import { StandInNodes } from './stand-in-nodes.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const all = IMAGES.map(({ name }) => `localhost/${name}:${version}`);
const backend = `localhost/papers-backend:${version}`;

let nodes: StandInNodes;
beforeEach(async () => (nodes = await StandInNodes.open()));
afterEach(() => nodes.close());

const run = (words: readonly string[], failing?: string): ReturnType<typeof runImageScript> =>
  runImageScript([...words, '--archives', nodes.archives], nodes.environment(failing));

describe('building', () => {
  it('builds every image under its full reference, and gives a Dockerfile only the arguments it declares', async () => {
    const { code } = await run(['build', '--claude-code', '2.1.100', '--node-image', 'docker.io/library/node:20-slim']);
    expect(code).toBe(0);
    const builds = (await nodes.builderLog()).filter((line) => line.startsWith('build '));
    expect(builds.map((line) => /--tag (\S+)/.exec(line)?.[1])).toEqual(all);
    expect(builds.filter((line) => line.includes('CLAUDE_CODE_VERSION=2.1.100'))).toHaveLength(1);
    expect(builds.filter((line) => line.includes('NODE_IMAGE=docker.io/library/node:20-slim'))).toHaveLength(
      all.length,
    );
    expect(builds.filter((line) => line.includes('BASE='))).toHaveLength(0);
  });

  it('goes on after an image that fails, says in the end which did and why, and imports nothing half new', async () => {
    const { code, errors } = await run(['build', 'import'], 'papers-backend');
    expect(code).toBe(1);
    expect(errors.trim().split('\n').at(-1)).toBe('papers-backend: build: no space left on device');
    expect(await nodes.builderLog()).toContainEqual(expect.stringMatching(/^save .*papers-blockchain/));
    expect(await nodes.builderLog()).not.toContainEqual(expect.stringMatching(/^save .*papers-backend/));
    expect(errors).not.toContain('import into');
  });

  it('names every builder that is missing and how to install it', async () => {
    const { code, errors } = await runImageScript(['build'], { PATH: nodes.folder });
    expect(code).toBe(1);
    expect(errors).toContain('docker: docker is not installed (to install it: apt-get install docker.io');
    expect(errors).toContain('podman: podman is not installed (to install it: apt-get install podman)');
    expect(errors).toContain('buildah: buildah is not installed (to install it: apt-get install buildah)');
    expect(errors).toContain('nerdctl: nerdctl is not installed');
  });

  it.each([
    ['docker', 'DOCKER_BUILDKIT=1 docker build', 'docker save --output'],
    ['podman', 'podman build', 'podman save --format oci-archive --output'],
    ['buildah', 'buildah build --layers', 'buildah push'],
    ['nerdctl', 'nerdctl build', 'nerdctl save --output'],
  ])('prints for %s what it would do, and does nothing', async (builder, build, save) => {
    const certificates = '/etc/hostname';
    const { code, output } = await run([
      'build',
      'import',
      '--dry-run',
      '--builder',
      builder,
      '--only',
      'papers-backend',
      '--ca-certificates',
      certificates,
    ]);
    expect(code).toBe(0);
    expect(output).toContain(`${build} --file`);
    expect(output).toContain(`--tag ${backend} --secret id=ca-certificates,src=${certificates}`);
    expect(output).toContain(save);
    expect(output).toContain('k3s ctr --namespace k8s.io images import - <');
    expect(await nodes.builderLog()).toEqual(['']);
  });
});

describe('importing', () => {
  it('brings every image to every node, pinned, and the check agrees', async () => {
    const { code, output } = await run(['build', 'import', 'check', '--nodes', 'local,root@node-2']);
    expect(output.trim()).toBe(`all ${all.length} images are pinned on local, root@node-2`);
    expect(code).toBe(0);
  });

  it('begins nothing before it has seen that every node can be worked with, and names all that cannot', async () => {
    const { code, errors } = await run([
      'import',
      '--nodes',
      'local,down',
      '--runtime',
      'k3s',
      '--only',
      'papers-backend',
    ]);
    expect(code).toBe(1);
    expect(errors).toContain('down: cannot be reached: connect to host down port 22: No route to host');
    expect(errors).toContain(`papers-backend-${version}.tar is missing; npm run images -- build writes it`);
    expect(errors).not.toContain('import into');
  });

  it('says exactly which node lacks which image, which is not pinned, and where builds differ', async () => {
    await run(['build', 'import', '--nodes', 'local,node-2,node-3']);
    await nodes.forget('node-2', backend);
    await nodes.rewrite('node-3', `localhost/papers-frontend:${version}`, (line) =>
      line.replace(',io.cri-containerd.pinned=pinned', ''),
    );
    await nodes.rewrite('node-3', `localhost/papers-blockchain:${version}`, (line) =>
      line.replace('sha256:', 'sha256:another-'),
    );
    const { code, errors } = await run(['check', '--nodes', 'local,node-2,node-3']);
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toEqual([
      `node-3: localhost/papers-frontend:${version} is not pinned, garbage collection may delete it; import it again`,
      `node-2: ${backend} is missing; npm run images -- import --nodes node-2`,
      expect.stringMatching(
        /^localhost\/papers-blockchain:\S+ differs between nodes: sha256:\S+ on local, node-2; sha256:another\S+ on node-3; import it on all of them$/,
      ),
    ]);
  });
});

describe('bad options', () => {
  it('are listed all at once, each with its value and the rule, and nothing is run', async () => {
    const words = [
      'build',
      'deploy',
      'push',
      '--builder',
      'kaniko',
      '--nodes=-oProxyCommand=x,local',
      '--only',
      'papers',
    ];
    const { code, errors } = await run([
      ...words,
      '--base',
      'ubuntu',
      '--claude-code',
      'newest',
      '--ca-certificates',
      '/none',
    ]);
    expect(code).toBe(1);
    expect(errors).toContain('action: "deploy" is not one of build, save, push, import, check');
    expect(errors).toContain('--builder: "kaniko" is not one of docker, podman, buildah, nerdctl');
    expect(errors).toContain('--nodes: "-oProxyCommand=x" is not local, a host or user@host');
    expect(errors).toContain('--only: "papers" is not one of web-terminal-service');
    expect(errors).toContain('--base: "ubuntu" is not a full reference such as docker.io/library/ubuntu:22.04');
    expect(errors).toContain('--claude-code: "newest" is not a version such as 2.1.197');
    expect(errors).toContain('--ca-certificates: "/none" is not a file that exists');
    expect(errors).toContain('push: there is no registry to push to; give --registry');
    expect(await nodes.builderLog()).toEqual(['']);
  });
});
