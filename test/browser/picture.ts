import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { until } from '../stories/until.js';
import { BrowserStage } from './browser-stage.js';

/** Takes the README's picture: real sessions, a real shell, this repository's own files and history. */
const root = join(import.meta.dirname, '../..');
const PICTURE = join(root, '.github/images/session.png');
const COMMANDS = [
  'ls --color',
  "git log --color --format='%C(yellow)%h%C(reset) %<(96,trunc)%s' -8",
  'git log -1 --format= -p --color -- service/client/terminal/terminal-keys.ts | tail -12',
];

const stage = await BrowserStage.open();
try {
  const { tab } = await stage.logIn('alice', { viewport: { width: 1200, height: 750 }, colorScheme: 'dark' });
  for (const name of ['Read the logs', 'Review the charts', 'Fix the build']) {
    await tab.page.getByLabel('Name', { exact: true }).fill(name);
    await tab.newSession();
    if (name === 'Fix the build') break;
    await tab.page.getByRole('button', { name: 'New Session' }).click();
    await tab.page.waitForSelector('.home');
  }
  await tab.run(`git clone -q file://${root} berth && cd berth && clear && echo cloned`);
  await tab.sees(/^cloned/m);
  await tab.run('clear');
  for (const command of COMMANDS) {
    const { cursor } = await tab.settled();
    await tab.run(command);
    await until('its output', async () => (await tab.screen()).cursor.row > cursor.row + 1);
  }
  await tab.settled();
  // The first measurement is taken while the page is still busy drawing.
  const lag = await tab.page.locator('.status-lag').textContent();
  await until('another measurement', async () => (await tab.page.locator('.status-lag').textContent()) !== lag);
  await tab.still();
  await mkdir(dirname(PICTURE), { recursive: true });
  await tab.page.screenshot({ path: PICTURE });
  console.log(`berth: ${PICTURE}`);
} finally {
  await stage.leave();
  await stage.close();
}
