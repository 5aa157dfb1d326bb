import { jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { everyUse } from '../bridge/every-use.js';
import { ApiClient } from '../stories/api-client.js';
import { readManifests } from '../stories/pocket-stage.js';
import { until } from '../stories/until.js';
import { ClusterStage } from './cluster-stage.js';
import { BRIDGE, NAMESPACE } from './deploy-terminal.js';
import { openLab } from './lab-record.js';

jest.setTimeout(120_000);

/** A line of the audit log, as far as it is looked at. */
interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code?: number };
}

interface Role {
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

test('the audit log shows every granted verb in use, but for `create` on pods/exec, which 1.34 does not ask for', async () => {
  const stage = await ClusterStage.open();
  const lab = await openLab(process.env['BERTH_LAB']);
  if (lab === undefined) throw new Error('no lab runs: use `npm run test:cluster`');
  const found = (await readManifests()).find(({ kind, metadata }) => kind === 'Role' && metadata.name === BRIDGE);
  const granted = (found as unknown as Role).rules.flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${resource} ${verb}`)),
  );

  // What is begun and ended anew with a bridge – lists and watches – is in the log of its start.
  expect(await everyUse(await ApiClient.login(stage.urls[0]!, stage.tokens.heidi))).toBeUndefined();
  const used = async (): Promise<readonly string[]> => {
    const lines = (await readFile(lab.auditLog, 'utf8')).split('\n');
    const bridge = `system:serviceaccount:${NAMESPACE}:${BRIDGE}`;
    const events = lines
      .filter((line) => line.includes(bridge) && line.endsWith('}'))
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ user, objectRef }) => user.username === bridge && objectRef?.namespace === NAMESPACE)
      .filter(({ responseStatus }) => (responseStatus?.code ?? 0) < 400);
    const verbs = events.map(({ objectRef, verb }) => {
      const { resource = '', subresource } = objectRef ?? {};
      return `${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
    });
    return [...new Set(verbs)].sort();
  };
  const expected = granted.filter((each) => each !== 'pods/exec create').sort();
  await until('the log to be written', async () => (await used()).length >= expected.length);
  expect(await used()).toEqual(expected);
});
