import type { NamespaceLimits } from '../constructs/namespace-guard.js';
import type { Amounts } from '../constructs/quantities.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';
import type { Entrance } from './entrance.js';
import { checkEntrance } from './entrance.js';
import type { Profile } from './profile.js';
import { checkProfiles } from './profile.js';

/** The web terminal of one cluster. */
export interface Terminal {
  readonly namespace: string;
  readonly bridge: BridgeData;
  readonly sandboxes: SandboxData;
  readonly profiles: readonly Profile[];
  readonly limits: NamespaceLimits;
}

/** The bridge's Deployment and its settings. */
export interface BridgeData {
  readonly image: string;
  readonly replicas: number;
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** What all Pods that are not sandboxes may use together, the extra one of a rollout included. */
  readonly quota: Amounts;
  readonly entrance: Entrance;
  /** Lifetime of its token in seconds, at least 600; the kubelet renews it at 80 %, the bridge reads it afresh. */
  readonly tokenSeconds: number;
  /** Origins beside the page's own that may open a terminal, e.g. `https://terminal.example`. */
  readonly allowedOrigins: readonly string[];
  /** Path that a proxy serves it under, e.g. `/terminal`; empty for none. */
  readonly basePath: string;
  readonly sessionsPerUser: number;
  readonly viewersPerSession: number;
  readonly loginAttemptsPerMinute: number;
  /** A session that is not Ready by then is ended. */
  readonly startSeconds: number;
  /** How long the Pod of an ended session stays, so that its reason can be read. */
  readonly finishedSeconds: number;
  /** How long it says goodbye to viewers on SIGTERM; Kubernetes waits 10 s longer. */
  readonly drainSeconds: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** What all sandboxes have in common. */
export interface SandboxData {
  /** What they may use together. A quota of a PriorityClass counts pods, CPU and memory and nothing else. */
  readonly quota: Amounts;
  /** Cards that they may use together. */
  readonly gpus: number;
  /** Seconds without input, output or viewer after which a session ends. */
  readonly idleSeconds: number;
  /** Seconds after which every session ends. */
  readonly deadlineSeconds: number;
  /** Seconds that the program waits for a lost writer before output is dropped. */
  readonly holdSeconds: number;
  /** Bytes of output that the keeper keeps. */
  readonly logBytes: number;
}

/** Everything wrong with a terminal's data. */
export function checkTerminal({ namespace, bridge, sandboxes, profiles }: Terminal): readonly Problem[] {
  const findings = new Findings();
  findings.need(isObjectName(namespace), 'namespace', namespace, OBJECT_NAME_RULE);
  findings.need(isPinnedImage(bridge.image), 'bridge.image', bridge.image, PINNED_IMAGE_RULE);
  checkEntrance(bridge.entrance, findings);
  findings.need(bridge.tokenSeconds >= 600, 'bridge.tokenSeconds', bridge.tokenSeconds, 'want at least 600');
  // The API server takes exactly this number for a token that Kubernetes itself mounts, and extends those (seen).
  findings.need(bridge.tokenSeconds !== 3607, 'bridge.tokenSeconds', 3607, 'would last a year; want any other');
  for (const origin of bridge.allowedOrigins)
    findings.need(isOrigin(origin), 'bridge.allowedOrigins', origin, 'want an origin: scheme, host and port, no path');
  const isPath = /^(\/[A-Za-z0-9._~-]+)*$/.test(bridge.basePath);
  findings.need(
    isPath,
    'bridge.basePath',
    bridge.basePath,
    'want a path that starts with / and does not end with it, or nothing',
  );
  for (const field of [
    'replicas',
    'sessionsPerUser',
    'viewersPerSession',
    'loginAttemptsPerMinute',
    'startSeconds',
    'finishedSeconds',
    'drainSeconds',
  ] as const)
    findings.need(isPositive(bridge[field]), `bridge.${field}`, bridge[field], COUNT);
  for (const [field, amounts] of [
    ['bridge.requests', bridge.requests],
    ['bridge.limits', bridge.limits],
    ['bridge.quota', bridge.quota],
    ['sandboxes.quota', sandboxes.quota],
  ] as const)
    for (const [resource, amount] of Object.entries(amounts))
      findings.need(parseQuantity(amount) > 0, `${field}.${resource}`, amount, 'want a quantity above 0');
  for (const resource of Object.keys(sandboxes.quota))
    findings.need(
      SCOPED.test(resource),
      `sandboxes.quota.${resource}`,
      sandboxes.quota[resource],
      'a PriorityClass quota counts pods, CPU and memory only',
    );
  for (const field of ['idleSeconds', 'deadlineSeconds', 'holdSeconds', 'logBytes'] as const)
    findings.need(isPositive(sandboxes[field]), `sandboxes.${field}`, sandboxes[field], COUNT);
  const ordered = sandboxes.idleSeconds <= sandboxes.deadlineSeconds;
  findings.need(ordered, 'sandboxes.idleSeconds', sandboxes.idleSeconds, 'must not exceed sandboxes.deadlineSeconds');
  findings.problems.push(...checkProfiles(profiles));
  return findings.problems;
}

const COUNT = 'want a whole number above 0';
const SCOPED = /^(pods|cpu|memory|(requests|limits)\.(cpu|memory))$/;

function isPositive(count: number): boolean {
  return Number.isSafeInteger(count) && count > 0;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
