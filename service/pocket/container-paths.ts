import { join } from 'node:path';

/** A folder of this machine that a container sees at `mountPath`. */
export interface Mount {
  readonly mountPath: string;
  readonly folder: string;
}

/** Translates the paths that a container would see to where they really lie, since its processes see this machine's. */
export class ContainerPaths {
  private readonly mounts: readonly Mount[];

  /** @param files paths of single files that are translated only as a whole, e.g. the termination message's */
  constructor(
    mounts: readonly Mount[],
    private readonly files: Readonly<Record<string, string>>,
  ) {
    this.mounts = [...mounts]
      .map(({ mountPath, folder }) => ({ mountPath: mountPath.replace(/\/+$/, ''), folder }))
      .sort((a, b) => b.mountPath.length - a.mountPath.length);
  }

  /** `value` when it is no path below a mount; only whole values are looked at, not paths inside a longer text. */
  translate(value: string): string {
    const file = this.files[value];
    if (file !== undefined) return file;
    return this.mounted(value) ?? value;
  }

  /** Where `path` lies; `undefined` when it is not below a mount. */
  mounted(path: string): string | undefined {
    const mount = this.mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
    return mount === undefined ? undefined : join(mount.folder, path.slice(mount.mountPath.length));
  }
}
