import { LIMITS } from '../../protocol/limits.js';
import { PIPE_KINDS, type PipeKind, type PipeMessage } from '../../protocol/pipe.js';

/** What a viewer said before the keeper said anything: kept, because the exec may have to be opened again. */
export class Opening {
  private kept: PipeMessage[] = [];
  private size = 0;

  /** `false`: more than a viewer may send before it is answered. */
  push(kind: PipeKind, message: Uint8Array, type?: string): boolean {
    const last = this.kept.at(-1);
    // Somebody who drags a window's edge while waiting for a node: the latest size is enough.
    if (type === 'resize' && last !== undefined && isResize(last)) {
      this.kept.pop();
      this.size -= last.message.length;
    }
    this.kept.push({ kind, message });
    this.size += message.length;
    return this.size <= LIMITS.inputWindow;
  }

  messages(): readonly PipeMessage[] {
    return this.kept;
  }

  clear(): void {
    this.kept = [];
    this.size = 0;
  }
}

function isResize({ kind, message }: PipeMessage): boolean {
  return kind === PIPE_KINDS.text && Buffer.from(message).toString('utf8').includes('"resize"');
}
