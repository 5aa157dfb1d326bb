import { randomId } from '../random-id.js';

const KEY = 'berth.viewer';

/** The viewer id of this tab: kept over reloads (sessionStorage), different in every tab. */
export class ViewerIdentity {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'>) {}

  get current(): string {
    const stored = this.storage.getItem(KEY);
    return stored !== null && /^[A-Za-z0-9_-]{8,64}$/.test(stored) ? stored : this.renew();
  }

  renew(): string {
    const id = randomId();
    this.storage.setItem(KEY, id);
    return id;
  }
}
