import type { BuiltImage } from '../../service/images/build-images.js';
import { Containerd } from './containerd.js';
import { runImageScript } from './image-script.js';
import { buildLocalImages } from './local-images.js';

let images: BuiltImage[];
let containerd: Containerd | undefined;

beforeAll(async () => {
  images = await buildLocalImages();
  containerd = await Containerd.open();
}, 1_800_000);
afterAll(() => containerd?.close());

const run = (...words: string[]): ReturnType<typeof runImageScript> =>
  runImageScript([...words, '--runtime', 'containerd'], containerd?.environment);

it('puts what was built into a real containerd under the same references, pinned', async () => {
  const { code, output, errors } = await run('import', 'check');
  expect(errors).not.toContain('is missing');
  expect(output.trim().split('\n').at(-1)).toBe(`all ${images.length} images are pinned on local`);
  expect(code).toBe(0);
}, 600_000);

it('sees in a real containerd that an image was deleted, and brings it back', async () => {
  const lost = images.find(({ reference }) => reference.includes('papers-backend'))?.reference ?? '';
  await containerd?.remove(lost);
  const check = await run('check');
  expect(check.errors.trim()).toBe(`local: ${lost} is missing; npm run images -- import --nodes local`);
  expect(check.code).toBe(1);
  expect((await run('import', 'check', '--only', 'papers-backend')).code).toBe(0);
}, 600_000);
