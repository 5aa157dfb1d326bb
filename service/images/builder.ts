import type { Command } from './command.js';

/** The programs that build images from a Dockerfile, in the order in which they are tried. */
export const BUILDERS = ['docker', 'podman', 'buildah', 'nerdctl'] as const;
export type Builder = (typeof BUILDERS)[number];

/** What one build needs to know. */
export interface BuildProps {
  readonly reference: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** PEM file with the authorities that npm trusts besides its own during the build; not kept in the image. */
  readonly caCertificates: string | undefined;
  /** For example `linux/amd64`, when the nodes differ from this machine. */
  readonly platform: string | undefined;
}

/** A harmless command that succeeds only if the builder is installed and can build: docker's needs its daemon. */
export function probeBuilder(builder: Builder): Command {
  return { argv: [builder, 'info'] };
}

/** How the builder is installed on Debian or Ubuntu. */
export function howToInstall(builder: Builder): string {
  const commands: Record<Builder, string> = {
    docker: 'apt-get install docker.io docker-buildx',
    podman: 'apt-get install podman',
    buildah: 'apt-get install buildah',
    nerdctl: 'nerdctl-full from its releases page, with buildkitd running',
  };
  return commands[builder];
}

/** Builds one image into the builder's own store. */
export function buildCommand(builder: Builder, props: BuildProps): Command {
  const options = [
    ...['--file', props.dockerfile, '--tag', props.reference],
    ...(props.platform === undefined ? [] : ['--platform', props.platform]),
    ...Object.entries(props.buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(props.caCertificates === undefined ? [] : ['--secret', `id=ca-certificates,src=${props.caCertificates}`]),
  ];
  switch (builder) {
    case 'docker':
      // Before release 23, docker's old builder is the default, which does not know RUN --mount.
      return { argv: ['docker', 'build', ...options, props.context], environment: { DOCKER_BUILDKIT: '1' } };
    case 'buildah':
      // Unlike the others it caches no layers unless told to.
      return { argv: ['buildah', 'build', '--layers', ...options, props.context] };
    case 'podman':
    case 'nerdctl':
      return { argv: [builder, 'build', ...options, props.context] };
  }
}

/** Writes one image from the builder's store to an archive that containerd imports under the same reference. */
export function saveCommand(builder: Builder, reference: string, archive: string): Command {
  switch (builder) {
    case 'podman':
      return { argv: ['podman', 'save', '--format', 'oci-archive', '--output', archive, reference] };
    case 'buildah':
      return { argv: ['buildah', 'push', reference, `oci-archive:${archive}:${reference}`] };
    case 'docker':
    case 'nerdctl':
      return { argv: [builder, 'save', '--output', archive, reference] };
  }
}

/** Prints what identifies the image's content; the same as before if the build changed nothing. */
export function identifyCommand(builder: Builder, reference: string): Command {
  return builder === 'buildah'
    ? { argv: ['buildah', 'inspect', '--type', 'image', '--format', '{{.FromImageID}}', reference] }
    : { argv: [builder, 'image', 'inspect', '--format', '{{.Id}}', reference] };
}
