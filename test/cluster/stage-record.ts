import { readFile, writeFile } from 'node:fs/promises';
import type { Lab } from './lab.js';
import { openLab } from './lab-record.js';

/** The users of a deployment that is under test: alice and bob of the terminal stories, and a crowd beside them. */
export const USERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'] as const;
export type UserName = (typeof USERS)[number];

/** Where a deployment of the terminal is, written down for the test files. */
export interface StageRecord {
  /** What a browser outside the cluster opens. */
  readonly url: string;
  readonly tokens: Readonly<Record<UserName, string>>;
  /** The program and the file that make an administrator. */
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** Name of the lab that carries the cluster; undefined for somebody else's cluster. */
  readonly lab?: string | undefined;
}

/** The environment variable that names the record's file. */
export const STAGE_VARIABLE = 'BERTH_STAGE';

/** Writes the record; the tokens in it are of a cluster under test and end with it. */
export async function writeStage(file: string, record: StageRecord): Promise<void> {
  await writeFile(file, JSON.stringify(record, undefined, 2), { mode: 0o600 });
}

/** The record that the runner wrote, with the lab. Throws when there is none. */
export async function readStage(): Promise<StageRecord & { readonly host: Lab | undefined }> {
  const file = process.env[STAGE_VARIABLE];
  if (file === undefined) throw new Error('no terminal is deployed: use `npm run test:cluster`');
  const record = JSON.parse(await readFile(file, 'utf8')) as StageRecord; // written by writeStage alone
  return { ...record, host: record.lab === undefined ? undefined : await openLab(record.lab) };
}
