import { readdir } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { API_SERVERS, runApiServer } from './api-server.js';
import { exists } from './cache.js';
import { CommandFailed, run } from './command.js';
import { labBinaries, labImages } from './lab-images.js';
import type { Lab } from './lab.js';
import { labFolder, remainsOf, removeLab } from './lab.js';
import { setPlugged } from './lab-network.js';
import type { InventoryName } from './lab-plan.js';
import { labPlan, MOST_NODES } from './lab-plan.js';
import { saveLogs } from './lab-logs.js';
import { dismissLast, joinNext, openLab } from './lab-record.js';
import { NotStarted, startLab } from './lab-start.js';
import { NODE_SERVICES } from './node-host.js';

const HELP = `npm run cluster -- [command] [options]

  start                     bring up a Kubernetes on this machine (the default); as root
      --nodes N             1 to ${MOST_NODES}: a control plane and GPU workers (default 1)
      --inventory NAME      lab, or vmware-lab: its three machines and two networks (default lab); for build too
      --install             apt-get install what the machine lacks
      --api-port, --web-port   loopback ports into the lab (default 36443 and 31000)
  build                     only build what a start needs: minutes once, then nothing
  stop                      end it and take everything away
  status                    what runs
  kubectl ...               kubectl as the cluster's administrator
  logs [NODE [SERVICE]]     where the logs are; with names, one of them
      --save FOLDER         copy all logs and the state of all Pods there
  join | leave              add the next worker of the table; take the last one away
  crash NODE | boot NODE    kill -9 of the node's first process; start it again
  partition NODE | heal NODE   pull the node's network plug; put it back
  restart NODE containerd|kubelet|apiserver
  import FILE REFERENCE     import an OCI archive into every node, pinned
  api-server VERSION        run the API server ${Object.keys(API_SERVERS).join(' or ')} instead; a first build takes minutes
      --name NAME           of the lab, with every command (default lab)
`;

const { values: options, positionals } = parseArgs({
  args: process.argv.slice(2).filter((_, index, all) => !all.slice(0, index).includes('kubectl')),
  allowPositionals: true,
  options: {
    nodes: { type: 'string' },
    name: { type: 'string', default: 'lab' },
    inventory: { type: 'string', default: 'lab' },
    install: { type: 'boolean', default: false },
    'api-port': { type: 'string' },
    'web-port': { type: 'string' },
    save: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const { name } = options;
const [command = 'start', ...args] = positionals;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
process.stdout.on('error', () => process.exit(141)); // as programs do whose reader, `head` perhaps, has seen enough

/** The lab that was started, for commands that need one. */
async function theLab(): Promise<Lab> {
  const lab = await openLab(name);
  if (lab === undefined) throw new NotStarted([`no lab named ${name} was started: \`npm run cluster\` does`]);
  return lab;
}

async function start(): Promise<void> {
  const began = Date.now();
  const seconds = (): string => `${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s`;
  const ports = { api: Number(options['api-port'] ?? 36443), web: Number(options['web-port'] ?? 31000) };
  const inventory = options.inventory as InventoryName; // one that is none is named by labPlan
  const choice = { name, inventory, ports, ...(options.nodes === undefined ? {} : { nodes: Number(options.nodes) }) };
  const progress = (step: string): void => say(`${seconds()}  ${step}`);
  const lab = await startLab({ choice, install: options.install, progress });
  say(`${seconds()}  ready: ${lab.nodes.map((node) => node.name).join(', ')}

  export KUBECONFIG=${lab.kubeconfig}
  npm run cluster -- kubectl get pods -A -o wide
  npm run cluster -- kubectl apply -f cdk8s.out
  http://127.0.0.1:${lab.plan.ports.web}    the terminal, once it is applied and its images are imported
  npm run cluster -- stop`);
}

async function stop(): Promise<void> {
  if (process.getuid?.() !== 0) throw new NotStarted(['stopping a lab needs root']);
  const remains = await remainsOf(name);
  await removeLab(name);
  say(remains.length > 0 ? `taken away: ${remains.join('; ')}` : `there is no lab named ${name}`);
}

async function status(): Promise<void> {
  const lab = await openLab(name);
  if (lab === undefined) {
    const remains = await remainsOf(name);
    say(remains.length > 0 ? `half there: ${remains.join('; ')}` : `there is no lab named ${name}`);
    process.exitCode = 3;
    return;
  }
  const hosts = [
    ...lab.nodes.map((node) => ({ name: node.name, address: lab.addressOf(node), host: lab.host(node) })),
    { ...lab.plan.outside, host: await lab.outside() },
  ];
  for (const { name: of, address, host } of hosts) {
    const pid = await host.pid();
    say(`${of.padEnd(14)} ${address.padEnd(14)} ${pid === undefined ? 'down' : `up, pid ${pid}`}`);
  }
  const healthy = await lab.healthy();
  say(`API server     127.0.0.1:${lab.plan.ports.api}${healthy ? '' : ' does not answer, or a host is down'}`);
  say(`kubeconfig     ${lab.kubeconfig}\n`);
  process.exitCode = healthy ? 0 : 3;
  if (healthy) say(await lab.kubectl(['get', 'nodes,pods', '-A', '-o', 'wide']));
}

async function logs(): Promise<void> {
  if (!(await exists(labFolder(name)))) throw new NotStarted([`there is no lab named ${name}`]);
  const [node, service] = args;
  const folder = join(labFolder(name), node ?? '', node === undefined ? '' : 'logs');
  if (options.save !== undefined) say(`logs: ${await saveLogs(name, resolve(options.save))}`);
  else if (service !== undefined) say(await run('tail', ['-n', '200', join(folder, `${service}.log`)]));
  else if (node !== undefined) say((await readdir(folder)).map((file) => join(folder, file)).join('\n'));
  else say(await run('find', [folder, '-maxdepth', '3', '-name', '*.log', '-not', '-path', '*/etc/*']));
}

async function kubectl(): Promise<void> {
  const lab = await theLab();
  const own = process.argv.slice(process.argv.indexOf('kubectl') + 1);
  const child = spawn(lab.kubectlProgram, own, {
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: lab.kubeconfig },
  });
  process.exitCode = await new Promise<number>((done) => child.once('close', (code) => done(code ?? 1)));
}

/** Arguments by name, each of which must be there. */
function need(...names: readonly string[]): readonly string[] {
  if (args.length !== names.length)
    throw new RangeError(`\`${command}\` wants ${names.length === 0 ? 'nothing' : names.join(' ')} after it`);
  return args;
}

async function restart(): Promise<void> {
  const lab = await theLab();
  const [node = '', what = ''] = need('NODE', 'containerd|kubelet|apiserver');
  const host = lab.host(lab.node(node));
  if (what === 'apiserver')
    await host.run(['pkill', '-x', 'kube-apiserver']); // in the node's own pid namespace
  else if (NODE_SERVICES.some((service) => service === what)) await host.signal(what, 'TERM');
  else throw new RangeError(`${what}: want containerd, kubelet or apiserver`);
}

const COMMANDS: Readonly<Partial<Record<string, () => Promise<void>>>> = {
  start,
  stop,
  status,
  logs,
  kubectl,
  restart,
  build: async () => {
    const binaries = await labBinaries(({ folder, firstBuild }) => say(`building ${folder}: about ${firstBuild}`));
    const { inventory } = labPlan({ inventory: options.inventory as InventoryName });
    await labImages(binaries, inventory);
  },
  help: () => Promise.resolve(say(HELP)),
  join: async () => say(`${(await joinNext(await theLab())).joined} joined`),
  leave: async () => say(`${(await dismissLast(await theLab())).left} left`),
  crash: async () => {
    const lab = await theLab();
    await lab.host(lab.node(need('NODE')[0] ?? '')).crash();
  },
  boot: async () => {
    const lab = await theLab();
    await lab.reboot(lab.node(need('NODE')[0] ?? ''));
  },
  partition: async () => {
    const lab = await theLab();
    await setPlugged(lab.plan, lab.node(need('NODE')[0] ?? ''), false);
  },
  heal: async () => {
    const lab = await theLab();
    await setPlugged(lab.plan, lab.node(need('NODE')[0] ?? ''), true);
  },
  'api-server': async () => runApiServer(await theLab(), need('VERSION')[0] ?? '', say),
  import: async () => {
    const lab = await theLab();
    const [file = '', reference = ''] = need('FILE', 'REFERENCE');
    await lab.importEverywhere([{ file, reference }]);
  },
};

const action = options.help ? COMMANDS['help'] : COMMANDS[command];
if (action === undefined) {
  process.stderr.write(`unknown command ${command}\n\n${HELP}`);
  process.exit(2);
}
try {
  await action();
} catch (error) {
  if (!(error instanceof NotStarted || error instanceof RangeError || error instanceof CommandFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  const half = command === 'start' && !(error instanceof NotStarted) && (await exists(labFolder(name)));
  if (half)
    process.stderr.write(
      `\nlogs: ${labFolder(name)}/*/logs; \`npm run cluster -- stop --name ${name}\` takes all away\n`,
    );
  process.exit(1);
}
