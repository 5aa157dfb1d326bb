import type { ConnectionState } from './connection/connection-state.js';
import type { SessionPanel } from './pages/session-panel.js';
import type { TerminalSnapshot } from './terminal/terminal-snapshot.js';

/**
 * `berth` in the browser's console: what the page shows, to read and not to change. It gives nothing away that a script
 * on this page could not read from the document anyway.
 */
export interface DebugHandle {
  /** The terminal's cells, cursor and modes. @default no session is shown */
  readonly screen: TerminalSnapshot | undefined;
  /** The selected text of the terminal, which may be far above the screen. @default no session is shown */
  readonly selection: string | undefined;
  /** @default no session is shown */
  readonly connection: ConnectionState | undefined;
}

export function installDebugHandle(session: () => SessionPanel | undefined): void {
  const handle: DebugHandle = {
    get screen() {
      return session()?.snapshot;
    },
    get selection() {
      return session()?.selection;
    },
    get connection() {
      return session()?.state;
    },
  };
  Object.defineProperty(window, 'berth', { value: Object.freeze(handle) });
}
