// The papers blockchain's stand-in: peers on 8080 that find each other by the headless Service's DNS name.
import { lookup } from 'node:dns/promises';
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const SEARCH_EVERY_MS = 5_000;
const PEER_TIMEOUT_MS = 2_000;

const port = Number(process.env.PORT ?? 8080);
const self = process.env.POD_NAME ?? hostname();
const service = process.env.PEERS_SERVICE ?? 'papers-blockchain';
const namespace = process.env.NAMESPACE;
const peersName = namespace === undefined ? service : `${service}.${namespace}.svc`;

/** @type {Map<string, { name: string, address: string }>} the peers that answered in the last search, by name */
let peers = new Map();

const server = createServer((request, response) => {
  const body = {
    '/healthz': { status: 'ok' },
    '/name': { name: self },
    '/peers': { self, peers: [...peers.values()].sort((a, b) => a.name.localeCompare(b.name)) },
  }[new URL(request.url ?? '/', 'http://peer').pathname];
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body ?? { error: 'no such route' })}\n`);
});

async function search() {
  // A headless Service whose Pods are not up yet has no addresses: that is no error, just nobody.
  const addresses = await lookup(peersName, { all: true }).catch(() => []);
  const found = await Promise.allSettled(addresses.map(({ address }) => ask(address)));
  const answered = found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const next = new Map(answered.filter(({ name }) => name !== self).map((peer) => [peer.name, peer]));
  for (const { name, address } of next.values()) if (!peers.has(name)) console.log(`found ${name} at ${address}`);
  for (const name of peers.keys()) if (!next.has(name)) console.log(`lost ${name}`);
  peers = next;
}

async function ask(address) {
  const host = address.includes(':') ? `[${address}]` : address;
  const response = await fetch(`http://${host}:${port}/name`, { signal: AbortSignal.timeout(PEER_TIMEOUT_MS) });
  const { name } = await response.json();
  if (!response.ok || typeof name !== 'string') throw new Error(`${address} is not a peer`);
  return { name, address };
}

async function searchAgain() {
  await search();
  setTimeout(searchAgain, Number(process.env.SEARCH_EVERY_MS ?? SEARCH_EVERY_MS));
}

server.listen(port, process.env.HOST ?? '0.0.0.0', () => {
  console.log(`${self} listens on ${server.address().port} and looks for peers at ${peersName}`);
  void searchAgain();
});

// As process 1 there is no default action for SIGTERM.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
