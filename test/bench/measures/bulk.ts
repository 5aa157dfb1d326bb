import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Measure } from '../bench.js';
import { atLeast, type Finding } from '../finding.js';
import { makeFileCommand, makeKnownBytes, type Kind } from '../known-bytes.js';
import { openShells, PROMPT, type Shell } from '../shell.js';
import { median } from '../statistics.js';

const START = 2;
const MEGA = 1_000_000;

interface Transfer {
  readonly megabytesPerSecond: number;
  readonly hash: string;
}

/** Known bytes through the terminal, drawn at once, and their SHA-256. */
export const BULK: Measure = {
  name: 'bulk',
  about: 'known bytes through the terminal, with their hash',
  async run(bench) {
    const directory = bench.kind === 'pocket' ? await mkdtemp(join(tmpdir(), 'bench-bulk-')) : undefined;
    try {
      return [await carry(bench, 'plain', directory), await carry(bench, 'coloured', directory)];
    } finally {
      if (directory !== undefined) await rm(directory, { recursive: true });
    }
  },
};

/** @param directory of this machine, where the sandboxes are processes of it */
async function carry({ sizes, kind: where, field, say }: Bench, kind: Kind, directory?: string): Promise<Finding> {
  const { contenders } = await field();
  const bytes = sizes.bulkMegabytes * 1024 * 1024;
  const here = await mkdtemp(join(tmpdir(), 'bench-known-'));
  const hash = await makeKnownBytes(kind, sizes.bulkMegabytes, join(here, kind));
  const file = directory === undefined ? `/tmp/bench-${kind}` : join(here, kind);
  const shells = await openShells(contenders);
  if (directory === undefined) {
    for (const shell of shells) await shell.run(makeFileCommand(kind, sizes.bulkMegabytes, file));
  }
  const transfers = new Map<Shell, Transfer[]>(shells.map((shell) => [shell, []]));
  for (let round = 1; round <= sizes.rounds; round += 1) {
    for (const shell of shells) {
      const done = await transfer(shell, file, bytes);
      say(`bulk, ${kind}: ${shell.contender.name} ${done.megabytesPerSecond.toFixed(1)} MB/s`);
      transfers.get(shell)?.push(done);
    }
  }
  await Promise.all(shells.map((shell) => shell.close()));
  await rm(here, { recursive: true });
  const cells = shells.map((shell) => {
    const all = transfers.get(shell) ?? [];
    const wrong = all.filter((one) => one.hash !== hash).length;
    return {
      contender: shell.contender.name,
      value: median(all.map((one) => one.megabytesPerSecond)),
      remark: wrong === 0 ? 'hash ✓' : `hash ✗ ${wrong} of ${all.length}`,
    };
  });
  const bare = cells.find(({ contender }) => contender === 'kubectl exec -it')?.value;
  const goal =
    where === 'cluster' && bare !== undefined ? atLeast(2 * bare, '≥ 2 × a bare TTY exec', cells[0]?.value) : undefined;
  return { title: `bulk, ${kind} text`, unit: 'MB/s', cells, goal };
}

/** Writes the file to the terminal, raw, between a byte that starts it and the next prompt. */
async function transfer(shell: Shell, file: string, bytes: number): Promise<Transfer> {
  const hash = createHash('sha256');
  let left: number | undefined;
  let startedAt = 0;
  const done = new Promise<number>((resolve) => {
    shell.listener = (chunk) => {
      shell.terminal.acknowledge(chunk.length);
      let payload = chunk;
      if (left === undefined) {
        const start = chunk.indexOf(START);
        if (start < 0) return;
        left = bytes;
        startedAt = performance.now();
        payload = chunk.subarray(start + 1);
      }
      hash.update(payload.subarray(0, left));
      left -= Math.min(left, payload.length);
      if (left > 0) return;
      shell.listener = shell.draw;
      resolve(performance.now() - startedAt);
      shell.look(payload);
    };
  });
  const prompt = shell.sees(PROMPT, 300_000);
  shell.terminal.type(`stty raw -echo; printf '\\002'; cat ${file}; stty sane\r`);
  const milliseconds = await Promise.race([done, prompt.then(() => done)]);
  await prompt;
  return { megabytesPerSecond: bytes / MEGA / (milliseconds / 1000), hash: hash.digest('hex') };
}
