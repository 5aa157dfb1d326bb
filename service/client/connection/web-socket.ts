import type { OpenSocket } from './socket.js';

/** The browser's WebSocket as a `Socket`. `url` is `ws:` or `wss:`. */
export function webSocketOpener(url: () => string): OpenSocket {
  return (events) => {
    const socket = new WebSocket(url());
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onclose = ({ code }) => events.closed(code);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      typeof data === 'string' ? events.text(data) : events.binary(new Uint8Array(data));
    return {
      send: (message) => {
        // A socket that is closing drops what is sent; the reconnect sends it again.
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send(typeof message === 'string' ? message : new Uint8Array(message));
      },
      close: () => socket.close(),
    };
  };
}
