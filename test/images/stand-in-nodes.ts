import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** k3s as far as the image script uses it: what it has imported lies in the folder $NODE. An archive holds its reference. */
const K3S = `#!/bin/sh
[ "$1 $2 $3 $4" = "ctr --namespace k8s.io images" ] || { echo "unknown: $*" >&2; exit 1; }
case "$5" in
  import) reference=$(cat); mkdir -p "$NODE"
    printf '%s type %s 1.0 linux/amd64 ' "$reference" "sha256:$(echo "$reference" | cksum | tr ' ' -)" > "$NODE/$(echo "$reference" | tr /: __)" ;;
  label) file="$NODE/$(echo "$6" | tr /: __)"; [ -f "$file" ] || { echo "image \\"$6\\": not found" >&2; exit 1; }
    printf '%s\\n' "io.cri-containerd.image=managed,$7" >> "$file" ;;
  list) echo 'REF TYPE DIGEST SIZE PLATFORMS LABELS'; cat "$NODE"/* 2>/dev/null ; true ;;
esac
`;

/** ssh to nodes that are folders; the host \`down\` does not answer. The line goes through a shell, as on a real host. */
const SSH = `#!/bin/sh
[ "$1 $2" = "-o BatchMode=yes" ] || exit 64
[ "$3" != down ] || { echo 'connect to host down port 22: No route to host' >&2; exit 255; }
NODE="$NODES/$3" exec sh -c "$4"
`;

/** A builder that keeps a log of what it was told and saves archives that hold the reference. */
const DOCKER = `#!/bin/sh
echo "$*" >> "$NODES/docker.log"
[ "$1" != build ] || ! echo "$*" | grep -q "$FAILING" || { echo 'no space left on device' >&2; exit 1; }
[ "$1" != save ] || printf %s "$4" > "$3"
`;

/** Programs that stand in for a builder, ssh and k3s, and the nodes they work on. */
export class StandInNodes {
  private constructor(readonly folder: string) {}

  static async open(): Promise<StandInNodes> {
    const folder = await mkdtemp(join(tmpdir(), 'berth-nodes-'));
    await mkdir(join(folder, 'bin'));
    for (const [name, text] of Object.entries({ k3s: K3S, ssh: SSH, docker: DOCKER })) {
      await writeFile(join(folder, 'bin', name), text);
      await chmod(join(folder, 'bin', name), 0o755);
    }
    await writeFile(join(folder, 'docker.log'), '');
    return new StandInNodes(folder);
  }

  /** For a process that shall find the stand-ins; `failing` is an image whose build fails. */
  environment(failing = 'none-of-them'): Record<string, string> {
    return {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      NODES: this.folder,
      NODE: join(this.folder, 'local'),
      FAILING: failing,
    };
  }

  get archives(): string {
    return join(this.folder, 'archives');
  }

  /** What the builder was told, a line a call. */
  async builderLog(): Promise<string[]> {
    return (await readFile(join(this.folder, 'docker.log'), 'utf8')).trim().split('\n');
  }

  /** Takes an image away from a node, as garbage collection does. */
  async forget(node: string, reference: string): Promise<void> {
    await rm(join(this.folder, node, reference.replaceAll(/[/:]/g, '_')));
  }

  /** Puts a file of a node's images into the given words. */
  async rewrite(node: string, reference: string, change: (line: string) => string): Promise<void> {
    const file = join(this.folder, node, reference.replaceAll(/[/:]/g, '_'));
    await writeFile(file, change(await readFile(file, 'utf8')));
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
