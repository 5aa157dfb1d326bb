import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { PIPE_KINDS, PipeDecoder, encodePipeMessage } from '../../service/protocol/pipe.js';
import type { ViewerHello } from '../../service/protocol/control-message.js';
import type { Viewer } from './viewer.js';

/** Connects a viewer to a keeper's real socket. */
export async function connect(viewer: Viewer, path: string, hello?: Partial<ViewerHello>): Promise<Socket> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const decoder = new PipeDecoder();
  const line = {
    control: (json: string) => void socket.write(encodePipeMessage(PIPE_KINDS.text, Buffer.from(json))),
    data: (frame: Uint8Array) => void socket.write(encodePipeMessage(PIPE_KINDS.binary, frame)),
  };
  socket.on('error', () => socket.destroy());
  socket.on('close', () => viewer.disconnected(line));
  socket.on('data', (chunk) => {
    for (const { kind, message } of decoder.push(chunk))
      if (kind === PIPE_KINDS.binary) viewer.data(message);
      else viewer.control(Buffer.from(message).toString());
  });
  viewer.connected(line, hello);
  return socket;
}
