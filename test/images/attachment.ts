import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { parseServerMessage, type ServerMessage, type ViewerMessage } from '../../service/protocol/control-message.js';
import { decodeDataFrame, encodeDataFrame, OPS } from '../../service/protocol/data-frame.js';
import { encodePipeMessage, PIPE_KINDS, PipeDecoder } from '../../service/protocol/pipe.js';
import { PROTOCOL_VERSION } from '../../service/protocol/version.js';

const encoder = new TextEncoder();

/** A viewer at the end of a `keeper-attach` process, as the bridge is. */
export class Attachment {
  output = '';
  readonly messages: ServerMessage[] = [];
  /** Resolves with the exit code once the process has ended. */
  readonly ended: Promise<number | null>;
  private readonly decoder = new PipeDecoder();
  private readonly text = new TextDecoder();
  private typed = 0;
  private changed: () => void = () => undefined;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.ended = new Promise((resolve) => child.once('close', resolve));
    child.stdout.on('data', (chunk: Buffer) => this.read(chunk));
    this.send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      viewer: 'image-test',
      output: 0,
      input: 0,
      columns: 80,
      rows: 24,
      write: true,
    });
  }

  type(text: string): void {
    const bytes = encoder.encode(text);
    this.child.stdin.write(encodePipeMessage(PIPE_KINDS.binary, encodeDataFrame(OPS.input, this.typed, bytes)));
    this.typed += bytes.length;
  }

  /** Waits until the condition holds. @throws Error with the output if the process ends before */
  async until(condition: (attachment: this) => boolean): Promise<void> {
    const over = this.ended.then((code) => {
      throw new Error(`keeper-attach ended with ${String(code)}; output: ${JSON.stringify(this.output)}`);
    });
    while (!condition(this)) await Promise.race([over, new Promise<void>((resolve) => (this.changed = resolve))]);
    over.catch(() => undefined);
  }

  /** What a bridge that is lost looks like from the sandbox: stdin ends. */
  hangUp(): void {
    this.child.stdin.end();
  }

  private send(message: ViewerMessage): void {
    this.child.stdin.write(encodePipeMessage(PIPE_KINDS.text, encoder.encode(JSON.stringify(message))));
  }

  private read(chunk: Uint8Array): void {
    for (const { kind, message } of this.decoder.push(chunk)) {
      if (kind === PIPE_KINDS.text) {
        const { message: parsed } = parseServerMessage(new TextDecoder().decode(message));
        if (parsed !== undefined) this.messages.push(parsed);
        // A keeper that knows this viewer goes on counting where it stopped.
        if (parsed?.type === 'hello') this.typed = parsed.input;
        continue;
      }
      const frame = decodeDataFrame(message);
      if (frame?.op !== OPS.output) continue;
      this.output += this.text.decode(frame.bytes, { stream: true });
      this.send({ type: 'ack', output: frame.offset + frame.bytes.length });
    }
    this.changed();
  }
}
