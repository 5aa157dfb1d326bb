// The papers frontend's stand-in: one page on 8080. It writes nothing and calls nobody.
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const page = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Papers</title></head>
  <body><h1>Papers</h1><p>A stand-in, served by ${hostname()}.</p></body>
</html>
`;

const routes = new Map([
  ['/', ['text/html; charset=utf-8', page]],
  ['/healthz', ['text/plain', 'ok\n']],
]);

const server = createServer((request, response) => {
  const [type, body] = routes.get(new URL(request.url ?? '/', 'http://page').pathname) ?? [];
  if (body === undefined) return response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page\n');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return response.writeHead(405, { allow: 'GET, HEAD' }).end();
  return response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
});

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '0.0.0.0', () => {
  console.log(`papers-frontend listens on ${server.address().port}`);
});

// As process 1 there is no default action for SIGTERM.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
