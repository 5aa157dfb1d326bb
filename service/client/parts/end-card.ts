import type { EndReason } from '../../protocol/control-message.js';
import type { Stopped, StopReason } from '../connection/connection-state.js';
import { element, type Child } from './element.js';

const END_TITLES: Readonly<Record<EndReason, string>> = {
  exited: 'The shell has exited',
  ended: 'Ended',
  idle: 'Ended because nobody used it',
  deadline: 'Ended at its time limit',
  'out-of-memory': 'Ended: out of memory',
  evicted: 'Evicted from its node',
  failed: 'The sandbox failed',
  lost: 'The sandbox was lost',
};

const STOP_TITLES: Readonly<Record<StopReason, string>> = {
  login: 'Log in again',
  ended: 'This session has ended',
  gone: 'This session is gone',
  forbidden: 'You cannot attach here',
  version: 'This page is out of date',
  malformed: 'The connection broke',
  left: 'You left',
};

/** Why there is nothing more to come, and what to do next. */
export function endCard({ reason, message, exit }: Stopped, actions: readonly Child[]): HTMLElement {
  const title = exit === undefined ? STOP_TITLES[reason] : END_TITLES[exit.reason];
  const code = exit?.code !== undefined && !message.includes(String(exit.code)) && `exit code ${exit.code}`;
  const signal = exit?.signal !== undefined && !message.includes(exit.signal) && `signal ${exit.signal}`;
  return element(
    'section',
    { class: 'card end-card', role: 'alert', 'data-reason': exit?.reason ?? reason },
    element('h2', {}, title),
    element('p', {}, [message, code, signal].filter((part) => part !== false).join(' · ')),
    exit !== undefined && element('p', { class: 'quiet' }, 'Its files are gone with the sandbox.'),
    element('div', { class: 'card-actions' }, ...actions),
  );
}
