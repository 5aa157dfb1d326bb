import { parseAllDocuments } from 'yaml';
import { k3sNodes } from '../../charts/clusters/k3s/nodes.js';
import { PLACEHOLDERS } from '../../charts/clusters/placeholders.js';
import { VMWARE_LAB } from '../../charts/clusters/vmware-lab/inventory.js';
import { INVENTORIES } from '../../charts/inventories.js';
import type { Inventory } from '../../charts/nodes/inventory.js';
import { nodeFiles } from '../../charts/nodes/node-files.js';

/** The inventories as committed. */
export const LAB = VMWARE_LAB;
export const K3S = k3sNodes(PLACEHOLDERS);

/** Those whose files are rendered. */
export const RENDERED = INVENTORIES.filter(({ installedBy }) => installedBy !== 'cloud');

/** The files of an inventory's folder by their path in it. */
export function rendered(inventory: Inventory): ReadonlyMap<string, string> {
  const folder = `nodes/${inventory.name}/`;
  return new Map(nodeFiles(inventory).map(({ path, text }) => [path.slice(folder.length), text]));
}

/** One file; throws with what there is when there is none of that path. */
export function fileOf(inventory: Inventory, path: string): string {
  const files = rendered(inventory);
  const text = files.get(path);
  if (text === undefined) throw new Error(`${path}: there is only ${[...files.keys()].join(', ')}`);
  return text;
}

/** The YAML documents of one file. */
export function yamlOf(inventory: Inventory, path: string): readonly Record<string, unknown>[] {
  return parseAllDocuments(fileOf(inventory, path)).map((document) => document.toJS() as Record<string, unknown>);
}

/** The document of that kind in one file. */
export function documentOf(inventory: Inventory, path: string, kind: string): Record<string, unknown> {
  const found = yamlOf(inventory, path).find((document) => document['kind'] === kind);
  if (found === undefined) throw new Error(`${path}: no ${kind}`);
  return found;
}
