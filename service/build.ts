import { build, type BuildOptions } from 'esbuild';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const requireBanner =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

const node: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'linked',
  logLevel: 'warning',
  banner: { js: requireBanner },
};

/**
 * Builds what the images and `npm start` run: `dist/bridge`, `dist/keeper` and `dist/client`.
 * Each is built aside and then put in the place of the old one, so that a failed build changes nothing.
 */
export async function buildService(output = join(root, 'dist')): Promise<void> {
  await mkdir(output, { recursive: true });
  const aside = await mkdtemp(join(output, '.build-'));
  try {
    await Promise.all([
      buildBridge(join(aside, 'bridge')),
      buildKeeper(join(aside, 'keeper')),
      buildClient(join(aside, 'client')),
    ]);
    for (const part of ['bridge', 'keeper', 'client']) {
      await rename(join(output, part), join(aside, `old-${part}`)).catch(ignoreMissing);
      await rename(join(aside, part), join(output, part));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function buildBridge(output: string): Promise<void> {
  await build({ ...node, entryPoints: ['service/bridge/main.ts'], outdir: output });
  await markAsModule(output);
}

async function buildKeeper(output: string): Promise<void> {
  const pty = '@lydell/node-pty';
  await build({
    ...node,
    entryPoints: [
      { in: 'service/keeper/main.ts', out: 'keeper' },
      { in: 'service/keeper/attach.ts', out: 'attach' },
    ],
    outdir: output,
    external: [pty],
  });
  await markAsModule(output);
  // The addon stays a package of its own: its binary is looked up beside its JavaScript.
  const installed = [pty, ...(await platformPackages(pty))];
  await Promise.all(
    installed.map((name) =>
      cp(packageFolder(name), join(output, 'node_modules', name), { recursive: true, dereference: true }),
    ),
  );
}

/** The optional dependencies of `name` that npm installed for this machine. */
async function platformPackages(name: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(packageFolder(name), 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  return Object.keys(manifest.optionalDependencies ?? {}).filter((optional) => {
    try {
      return packageFolder(optional) !== '';
    } catch {
      return false;
    }
  });
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** Builds the page alone into `output`. */
export async function buildClient(output: string): Promise<void> {
  const result = await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: ['chrome109', 'firefox115', 'safari16'],
    minify: true,
    sourcemap: 'linked',
    legalComments: 'linked',
    logLevel: 'warning',
    entryPoints: ['service/client/main.ts'],
    outdir: join(output, 'assets'),
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    metafile: true,
  });
  const built = Object.keys(result.metafile.outputs).map((file) => join(root, file));
  const asset = (ending: string): string => {
    const file = built.find((path) => basename(path).startsWith('main-') && path.endsWith(ending));
    if (file === undefined) throw new Error(`the client build made no ${ending} file`);
    return relative(output, file);
  };
  const page = await readFile(join(root, 'service/client/index.html'), 'utf8');
  const replaced = page.replace('"main.css"', `"${asset('.css')}"`).replace('"main.js"', `"${asset('.js')}"`);
  if (!replaced.includes(asset('.css')) || !replaced.includes(asset('.js'))) {
    throw new Error(
      'service/client/index.html: want href="main.css" and src="main.js" to replace with the hashed names',
    );
  }
  await writeFile(join(output, 'index.html'), replaced);
}

async function markAsModule(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildService();
