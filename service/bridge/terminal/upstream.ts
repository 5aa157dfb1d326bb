import { encodePipeMessage, type PipeKind } from '../../protocol/pipe.js';

/** What is gathered at most before it is sent, in bytes. */
const BATCH = 64 * 1024;

/** Gathers what a viewer sends within one turn of the event loop, so that a burst costs one write. */
export class Upstream {
  private batch: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly send: (bytes: Uint8Array) => void) {}

  push(kind: PipeKind, message: Uint8Array): void {
    const encoded = encodePipeMessage(kind, message);
    if (this.size + encoded.length > BATCH) this.flush();
    if (this.batch.length === 0) setImmediate(() => this.flush());
    this.batch.push(encoded);
    this.size += encoded.length;
  }

  private flush(): void {
    const [first, ...others] = this.batch;
    if (first === undefined) return;
    this.batch = [];
    this.size = 0;
    this.send(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }
}
