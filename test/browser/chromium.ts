import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
export const INSTALL = 'apt-get install -y --no-install-recommends chromium fonts-dejavu-core iproute2 vim-tiny';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A Chromium of its own. @param executable a wrapper that starts it elsewhere, e.g. in a network namespace
 * @throws Error that says what to install when there is no Chromium
 */
export async function launchChromium(executable = EXECUTABLE): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) throw new Error(`${EXECUTABLE} is missing. The browser stories need: ${INSTALL}`);
  return chromium.launch({ executablePath: executable, args: FLAGS });
}

/** The vi that is there. @throws Error that says what to install when there is none */
export function findVi(): string {
  const vi = ['/usr/bin/vim.tiny', '/usr/bin/vim', '/usr/bin/vi'].find((file) => existsSync(file));
  if (vi === undefined) throw new Error(`vim is missing. The browser stories need: ${INSTALL}`);
  return vi;
}
