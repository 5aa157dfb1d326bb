import { MARK } from '../../render/render.js';
import type { Host, Inventory } from '../inventory.js';
import type { NodeNetwork } from '../network.js';
import { arrow, arrowhead, box, label } from './svg.js';
import { tunnelOf } from './tables.js';

const OUT = '#c05621';
const PEOPLE = '#2b6cb0';
const PODS = '#2f855a';
const LINE = '#7b8794';

const COLUMN = 300;
const MARGIN = 40;
const BAR = { top: 120, height: 52, gap: 16 } as const;
const HOST = { width: 250, height: 128 } as const;

/** The network plan as a picture: who carries whom, which interface is plugged in where, and the three kinds of traffic. */
export function networkPlan(inventory: Inventory): string {
  const { title, networks, hosts, hypervisors } = inventory;
  const width = 2 * MARGIN + Math.max(3, hosts.length) * COLUMN;
  const hostTop = BAR.top + networks.length * (BAR.height + BAR.gap) + 76;
  const podsTop = hostTop + HOST.height + 76;
  const height = podsTop + 96;
  const barTop = (network: string) =>
    BAR.top + networks.findIndex(({ name }) => name === network) * (BAR.height + BAR.gap);
  // Hosts of one hypervisor stand side by side.
  const ordered = hypervisors.flatMap(({ name }) => hosts.filter(({ hypervisor }) => hypervisor === name));
  const left = (host: Host) => MARGIN + ordered.indexOf(host) * COLUMN + (COLUMN - HOST.width) / 2;
  const nicX = (host: Host, index: number) => left(host) + ((index + 1) * HOST.width) / (host.nics.length + 1);

  const colorOf = (network: string) =>
    networks.find(({ name }) => name === network)?.gateway === undefined ? PEOPLE : OUT;
  // It passes behind the networks that it is not plugged into.
  const wire = (x: number, top: number) =>
    `<line x1="${x}" y1="${top + BAR.height}" x2="${x}" y2="${hostTop}" stroke="${LINE}" stroke-width="2"/>`;

  const parts = [
    label({ x: MARGIN, y: 34, text: title, size: 18, bold: true }),
    ...edges(inventory, width, barTop),
    ...ordered.flatMap((host) => host.nics.map(({ network }, index) => wire(nicX(host, index), barTop(network)))),
    ...networks.flatMap((network) => networkBar(network, barTop(network.name), width)),
    ...podTraffic(inventory, ordered, left, hostTop + HOST.height, podsTop, width),
    ...hypervisors.flatMap(({ name, kind, address }) => {
      const carried = ordered.filter(({ hypervisor }) => hypervisor === name);
      const [first] = carried;
      if (first === undefined) return [];
      const x = left(first) - 16;
      const text = `${name} – ${kind}${address === undefined ? '' : ` – ${address}`}`;
      return [
        box({
          x,
          y: hostTop - 40,
          width: carried.length * COLUMN - (COLUMN - HOST.width) + 32,
          height: HOST.height + 70,
          fill: 'none',
          stroke: LINE,
          dashed: true,
        }),
        label({ x: x + 10, y: hostTop + HOST.height + 21, text, color: '#52606d' }),
      ];
    }),
    ...ordered.flatMap((host) =>
      host.nics.flatMap(({ name, network, address }, index) => {
        const x = nicX(host, index);
        return [
          plug(x, barTop(network) + BAR.height, colorOf(network)),
          label({ x: x + 5, y: hostTop - 19, text: name, size: 11, bold: true }),
          label({ x: x + 5, y: hostTop - 6, text: address, size: 11 }),
        ];
      }),
    ),
    ...ordered.flatMap((host) => hostBox(host, left(host), hostTop)),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">`,
    `<!-- ${MARK} -->`,
    `<defs>${[OUT, PEOPLE, PODS].map(arrowhead).join('')}</defs>`,
    box({ x: 0, y: 0, width, height, fill: '#ffffff', stroke: '#ffffff' }),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Where an interface is plugged in. */
function plug(x: number, y: number, color: string): string {
  return `<circle cx="${x}" cy="${y}" r="5" fill="${color}"/>`;
}

/** The two neighbours: the internet behind the gateway, and the people. */
function edges(
  { networks, nodeNetwork }: Inventory,
  width: number,
  barTop: (name: string) => number,
): readonly string[] {
  const way = networks.find(({ gateway }) => gateway !== undefined);
  const [right, people] = [width - MARGIN - 190, MARGIN];
  return [
    box({ x: right, y: 50, width: 190, height: 36, fill: '#fffaf0', stroke: OUT }),
    label({ x: right + 95, y: 73, text: 'internet', anchor: 'middle', color: OUT, bold: true }),
    arrow({ points: [[right + 95, barTop(way?.name ?? '')], [right + 95, 88]], color: OUT }), // prettier-ignore
    label({ x: right - 10, y: 104, text: `out: nodes and Pods, through ${way?.gateway ?? ''}`, size: 11, color: OUT, anchor: 'end' }), // prettier-ignore
    box({ x: people, y: 50, width: 190, height: 36, fill: '#ebf8ff', stroke: PEOPLE }),
    label({ x: people + 95, y: 73, text: 'admins and users', anchor: 'middle', color: PEOPLE, bold: true }),
    arrow({ points: [[people + 8, 86], [people + 8, barTop(nodeNetwork) + 26], [people + 24, barTop(nodeNetwork) + 26]], color: PEOPLE }), // prettier-ignore
    label({ x: people + 200, y: 73, text: 'SSH, Kubernetes API, Services', size: 11, color: PEOPLE }),
  ];
}

function networkBar(network: NodeNetwork, y: number, width: number): readonly string[] {
  const { title, cidr, purpose, hypervisorAddress, gateway, dns, dhcp } = network;
  const facts = [
    hypervisorAddress === undefined ? '' : `hypervisor ${hypervisorAddress}`,
    gateway === undefined ? 'no gateway' : `gateway ${gateway}`,
    dns === undefined ? 'no DNS' : `DNS ${dns.join(', ')}`,
    dhcp ? `DHCP ${dhcp.first} ~ ${dhcp.last}` : 'no DHCP',
  ].filter((fact) => fact !== '');
  const x = MARGIN + 24;
  return [
    box({ x, y, width: width - 2 * MARGIN - 48, height: BAR.height, fill: '#f5f7fa', stroke: LINE }),
    label({ x: x + 12, y: y + 21, text: `${title}  ${cidr}`, size: 14, bold: true }),
    label({ x: x + 12, y: y + 41, text: `${facts.join(' · ')} – ${purpose}`, size: 11, color: '#52606d' }),
  ];
}

function hostBox({ name, state, role, machine, gpus, taints }: Host, x: number, y: number): readonly string[] {
  const lines = [
    `${role}${state === 'planned' ? ' (planned)' : ''}`,
    `${machine.cpu} CPU · ${machine.memory} RAM · ${machine.disk} ${machine.filesystem}`,
    machine.os,
    gpus ? `${gpus.count} × ${gpus.product}` : '',
    ...taints.map(({ key, effect }) => `taint ${key.split('/').at(-1) ?? key}: ${effect}`),
  ].filter((line) => line !== '');
  return [
    box({
      x,
      y,
      ...HOST,
      fill: state === 'planned' ? '#fcfcfd' : '#f0fff4',
      stroke: LINE,
      dashed: state === 'planned',
    }),
    label({ x: x + 12, y: y + 24, text: name, size: 15, bold: true }),
    ...lines.map((text, index) => label({ x: x + 12, y: y + 46 + index * 17, text, size: 11 })),
  ];
}

function podTraffic(
  inventory: Inventory,
  hosts: readonly Host[],
  left: (host: Host) => number,
  bottom: number,
  top: number,
  width: number,
): readonly string[] {
  const middle = (host: Host) => left(host) + HOST.width / 2;
  const arrows = hosts.slice(1).map((host, index) => {
    const from = hosts[index] ?? host;
    return arrow({
      points: [
        [middle(from) + 20, bottom],
        [middle(from) + 20, top - 14],
        [middle(host) - 20, top - 14],
        [middle(host) - 20, bottom],
      ],
      color: PODS,
      both: true,
    });
  });
  const text = `Pods ${inventory.podCidr} (a /${inventory.podPrefix} each) – ${tunnelOf(inventory)} over ${inventory.nodeNetwork} – Services ${inventory.serviceCidr} by kube-proxy (${inventory.kubeProxyMode})`;
  return [
    ...arrows,
    label({ x: width / 2, y: top + 10, text, anchor: 'middle', color: PODS, bold: true }),
    label({ x: width / 2, y: top + 40, text: 'Dashed: planned. A wire passes behind networks that it is not plugged into.', anchor: 'middle', size: 11, color: '#52606d' }), // prettier-ignore
  ];
}
