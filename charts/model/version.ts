import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** The reference of an image that the image script builds, tagged with package.json's version. */
export function ownImage(name: string): string {
  return `localhost/${name}:${version}`;
}
