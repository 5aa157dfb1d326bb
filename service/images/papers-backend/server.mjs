// The papers backend's stand-in: an API on 8080 that keeps what it is given, one JSON file a paper, on its volume.
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, readdir, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const BODY_LIMIT_BYTES = 64 * 1024;
const TITLE_LIMIT = 200;

const folder = process.env.DATA_DIR ?? '/data';
await mkdir(folder, { recursive: true });

const server = createServer((request, response) => {
  answer(request).then(
    ([status, body]) => send(response, status, body),
    (error) => send(response, 503, { error: `the volume ${folder} cannot be used: ${error.code ?? 'unknown'}` }),
  );
});

async function answer(request) {
  const route = `${request.method} ${new URL(request.url ?? '/', 'http://api').pathname}`;
  switch (route) {
    case 'GET /healthz':
      await access(folder, constants.W_OK);
      return [200, { status: 'ok' }];
    case 'GET /papers':
      return [200, { papers: await readPapers() }];
    case 'POST /papers':
      return addPaper(await readBody(request));
    default:
      return [404, { error: `no such route: ${route}` }];
  }
}

async function readPapers() {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const papers = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))));
  return papers.sort((a, b) => a.created.localeCompare(b.created));
}

async function addPaper(body) {
  if (body === undefined) return [413, { error: `body: want at most ${BODY_LIMIT_BYTES} bytes` }];
  let title;
  try {
    title = JSON.parse(body).title;
  } catch {
    return [400, { error: 'body: want JSON like {"title": "…"}' }];
  }
  if (typeof title !== 'string' || title.trim() === '' || title.length > TITLE_LIMIT)
    return [400, { error: `title: want 1 to ${TITLE_LIMIT} characters, got ${JSON.stringify(title)?.slice(0, 60)}` }];
  const paper = { id: randomUUID(), title, created: new Date().toISOString() };
  await writeWhole(join(folder, `${paper.id}.json`), JSON.stringify(paper));
  return [201, paper];
}

/** Synced and renamed, so that a crash leaves the whole paper or none. */
async function writeWhole(file, text) {
  const handle = await open(`${file}.tmp`, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '0.0.0.0', () => {
  console.log(`papers-backend listens on ${server.address().port}, papers are in ${folder}`);
});

// As process 1 there is no default action for SIGTERM.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
