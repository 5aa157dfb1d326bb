import type { Problem } from '../../service/protocol/api.js';
import type { ApiClient } from '../stories/api-client.js';
import { until } from '../stories/until.js';
import { Viewer } from '../stories/viewer.js';

/**
 * Does everything that a user does and the bridge does for them, once; gives what the user is shown when something of it
 * fails. `undefined`: all is well.
 */
export async function everyUse(alice: ApiClient): Promise<string | undefined> {
  const shown = ({ status, body }: { status: number; body: Partial<Problem> | undefined }): string | undefined =>
    status < 400 ? undefined : `${status} ${body?.code ?? ''}: ${body?.detail ?? ''}`;
  const primed = async (): Promise<string | undefined> => {
    const lists = await Promise.all(
      ['profiles', 'sessions'].map(async (what) => {
        const response = await fetch(`${alice.url}/api/${what}`, { headers: { cookie: alice.cookie } });
        return { status: response.status, body: (await response.json()) as Problem };
      }),
    );
    return lists.map(shown).find((problem) => problem !== undefined);
  };
  // Until the first list and watch are through, or refused.
  const first = await until('an answer of the cluster', async () => {
    const problem = await primed();
    return problem?.includes('not yet heard') ? undefined : { problem };
  });
  if (first.problem !== undefined) return first.problem;

  const created = await alice.create({ name: 'story' }, 'story');
  if (created.status !== 201) return shown(created);
  const { id } = created.body;
  const viewer = new Viewer(alice, id, { reconnect: false });
  const told = await until('the keeper or a refusal', () => {
    const failed = viewer.messages.find((message) => message.type === 'progress' && message.state === 'failed');
    if (failed?.type === 'progress') return { problem: failed.message };
    return viewer.messages.some((message) => message.type === 'hello') ? { problem: undefined } : undefined;
  });
  await viewer.leave();
  const answers = [
    await alice.session(id),
    await alice.rename(id, 'renamed'),
    await alice.create({}, 'story'),
    await alice.end(id),
  ];
  return told.problem ?? answers.map(shown).find((problem) => problem !== undefined);
}
