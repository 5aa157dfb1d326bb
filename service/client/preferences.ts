/** What a person chose for this browser; every value has a sane default and bad stored values are ignored. */
export interface Preferences {
  readonly theme: ThemeChoice;
  /** CSS pixels. */
  readonly fontSize: number;
  readonly screenReader: boolean;
}

export type ThemeChoice = 'system' | 'light' | 'dark';
export const FONT_SIZE = { smallest: 9, usual: 14, largest: 28 } as const;

const KEY = 'berth.preferences';

/** Keeps the preferences in localStorage and tells whoever asked when one changes, in this tab. */
export class PreferenceStore {
  private readonly watchers = new Set<(preferences: Preferences) => void>();
  private value: Preferences;

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.value = readPreferences(storage.getItem(KEY));
  }

  get current(): Preferences {
    return this.value;
  }

  change(change: Partial<Preferences>): void {
    this.value = sane({ ...this.value, ...change });
    this.storage.setItem(KEY, JSON.stringify(this.value));
    for (const watcher of this.watchers) watcher(this.value);
  }

  /** Calls `watcher` now and after each change; the returned function ends that. */
  watch(watcher: (preferences: Preferences) => void): () => void {
    this.watchers.add(watcher);
    watcher(this.value);
    return () => this.watchers.delete(watcher);
  }
}

function readPreferences(stored: string | null): Preferences {
  try {
    return sane(JSON.parse(stored ?? '{}') as Partial<Record<keyof Preferences, unknown>>);
  } catch {
    return sane({});
  }
}

function sane({ theme, fontSize, screenReader }: Partial<Record<keyof Preferences, unknown>>): Preferences {
  const size = typeof fontSize === 'number' && Number.isFinite(fontSize) ? fontSize : FONT_SIZE.usual;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    fontSize: Math.min(FONT_SIZE.largest, Math.max(FONT_SIZE.smallest, Math.round(size))),
    screenReader: screenReader === true,
  };
}
