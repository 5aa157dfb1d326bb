import { once } from 'node:events';
import WebSocket from 'ws';
import type { Output, Terminal } from '../terminal.js';

/** Opens a plain WebSocket that carries the terminal's bytes and nothing else, with no flow control at all. */
export async function openPlainTerminal(url: string, output: Output): Promise<Terminal> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  socket.on('message', (data) => output(data as Buffer));
  await once(socket, 'open');
  return {
    type: (input) => socket.send(Buffer.from(input)),
    acknowledge: () => undefined,
    stall: (stalled) => (stalled ? socket.pause() : socket.resume()),
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.terminate();
      await closed;
    },
  };
}
