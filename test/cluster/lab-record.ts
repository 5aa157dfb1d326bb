import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabChoice } from './lab-plan.js';
import { labPlan } from './lab-plan.js';
import type { LabParts } from './lab.js';
import { Lab, labFolder } from './lab.js';

/** What is written down about a lab, so that other processes can use it. */
interface LabRecord {
  readonly choice: LabChoice & { readonly name: string };
  readonly parts: LabParts;
}

const recordFile = (name: string): string => join(labFolder(name), 'lab.json');

/** Writes down what a lab is made of. */
export async function writeRecord(record: LabRecord): Promise<void> {
  const file = recordFile(record.choice.name);
  await writeFile(`${file}.new`, JSON.stringify(record, undefined, 2));
  await rename(`${file}.new`, file);
}

async function readRecord(name: string): Promise<LabRecord | undefined> {
  const text = await readFile(recordFile(name), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord); // written by writeRecord alone
}

/** The lab of that name as it was started; undefined when there is none. Whether it still runs, `healthy()` tells. */
export async function openLab(name = 'lab'): Promise<Lab | undefined> {
  const record = await readRecord(name);
  return record === undefined ? undefined : new Lab(labPlan(record.choice), record.parts);
}

/** Adds the next spare node of the table to a lab; gives the lab as it is then, and the node's name. */
export async function joinNext(lab: Lab): Promise<{ readonly lab: Lab; readonly joined: string }> {
  const [next] = lab.spare;
  const record = await readRecord(lab.plan.name);
  if (next === undefined || record === undefined) throw new RangeError('every node of the table has joined already');
  await lab.join(next);
  const grown = { ...record, choice: { ...record.choice, nodes: lab.nodes.length + 1 } };
  await writeRecord(grown);
  return { lab: new Lab(labPlan(grown.choice), grown.parts), joined: next.name };
}

/** Takes away the worker that joined last; gives the lab as it is then, and the node's name. */
export async function dismissLast(lab: Lab): Promise<{ readonly lab: Lab; readonly left: string }> {
  const last = lab.nodes.at(-1);
  const record = await readRecord(lab.plan.name);
  if (last?.role !== 'worker' || record === undefined) throw new RangeError('there is no worker to take away');
  await lab.dismiss(last);
  const shrunk = { ...record, choice: { ...record.choice, nodes: lab.nodes.length - 1 } };
  await writeRecord(shrunk);
  return { lab: new Lab(labPlan(shrunk.choice), shrunk.parts), left: last.name };
}
