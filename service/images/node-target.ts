import { quoteWord, type Command } from './command.js';

/** The container runtimes of the nodes: k3s brings its own containerd, kubeadm's nodes run the distribution's. */
export const RUNTIMES = ['k3s', 'containerd'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** One node of the cluster and how its containerd is reached. */
export interface NodeTarget {
  /** `local`, or what ssh is given: a host, `user@host`, or a name from its configuration. */
  readonly name: string;
  readonly runtime: Runtime;
  /** Whether commands on the node go through `sudo -n`, because the login is not root. */
  readonly sudo: boolean;
}

/** The label that keeps the kubelet's image garbage collection away (containerd ≥ 1.7; older ones ignore it). */
export const PINNED_LABEL = 'io.cri-containerd.pinned=pinned';

/** Whether ssh can be given the name: no option, no shell character. */
export function isNodeName(name: string): boolean {
  return /^(?:[a-z_][\w-]*@)?[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?$/i.test(name);
}

/** Prints what there is on the node: the login's number, `sudo` if it works without a password, and the runtimes. */
export function probeNode(name: string): Command {
  return onNode(name, [
    'sh',
    '-c',
    'id -u; if sudo -n true 2>/dev/null; then echo sudo; fi; for p in k3s ctr; do if command -v $p >/dev/null 2>&1; then echo $p; fi; done',
  ]);
}

/**
 * Reads what `probeNode` printed.
 *
 * @param wanted the runtime to use; undefined takes k3s where it is installed
 * @returns the node, or what is wrong with it for people
 */
export function readProbe(name: string, output: string, wanted: Runtime | undefined): NodeTarget | string[] {
  const [uid, ...found] = output.trim().split(/\s+/);
  const runtime = wanted ?? (found.includes('k3s') ? 'k3s' : 'containerd');
  const program = runtime === 'k3s' ? 'k3s' : 'ctr';
  const problems: string[] = [];
  if (!found.includes(program)) {
    problems.push(
      wanted === undefined
        ? `${name}: neither k3s nor ctr is on the PATH; is this a node of the cluster?`
        : `${name}: ${program} is not on the PATH, but --runtime says ${wanted}`,
    );
  }
  if (uid !== '0' && !found.includes('sudo')) {
    problems.push(`${name}: the login is not root and sudo asks for a password; containerd's socket is root's`);
  }
  return problems.length > 0 ? problems : { name, runtime, sudo: uid !== '0' };
}

/** Loads an archive into the images that the node's kubelet sees. */
export function importCommand(node: NodeTarget, archive: string): Command {
  return { ...ctr(node, ['images', 'import', '-']), stdin: archive };
}

/** Marks an imported image as pinned. */
export function pinCommand(node: NodeTarget, reference: string): Command {
  return ctr(node, ['images', 'label', reference, PINNED_LABEL]);
}

/** Lists the images that the node's kubelet sees, with digests and labels. */
export function listCommand(node: NodeTarget): Command {
  return ctr(node, ['images', 'list']);
}

function ctr({ name, runtime, sudo }: NodeTarget, words: readonly string[]): Command {
  const program = runtime === 'k3s' ? ['k3s', 'ctr'] : ['ctr'];
  const [first, ...rest] = [...(sudo ? ['sudo', '-n'] : []), ...program, '--namespace', 'k8s.io', ...words];
  return onNode(name, [first ?? 'ctr', ...rest]);
}

function onNode(name: string, argv: readonly [string, ...string[]]): Command {
  // ssh hands its words to the login shell as one line, so they are quoted for it. BatchMode: never wait for a password.
  return name === 'local' ? { argv } : { argv: ['ssh', '-o', 'BatchMode=yes', name, argv.map(quoteWord).join(' ')] };
}
