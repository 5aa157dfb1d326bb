import { checkCluster } from '../model/cluster.js';
import { isPinnedImage, PINNED_IMAGE_RULE } from '../model/image.js';
import { isObjectName, OBJECT_NAME_RULE } from '../model/object-name.js';
import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import { parseQuantity } from '../model/quantity.js';
import type { App } from './app.js';
import { endpointsOf } from './endpoints.js';
import type { Platform, Size } from './platform.js';
import { TIERS } from './platform.js';

const COUNT = 'want a whole number above 0';

/** Everything wrong with a platform's data. */
export function checkPlatform(platform: Platform): readonly Problem[] {
  const findings = new Findings();
  findings.include('cluster', checkCluster(platform.cluster));
  findings.need(/^[a-z0-9.-]+\.[a-z]+$/.test(platform.host), 'host', platform.host, 'want a DNS name');
  checkPools(platform, findings);
  checkApps(platform, findings);
  checkStores(platform, findings);
  checkSize(findings, 'sidecar', platform.sidecar);
  const { revision, sync } = platform.delivery;
  const pinned = sync === 'automated' || /^v\d+\.\d+\.\d+$|^[0-9a-f]{40}$/.test(revision);
  findings.need(pinned, 'delivery.revision', revision, 'a manual delivery is pinned: want a version tag or a commit');
  for (const { name, source } of platform.applications) {
    const exact = /^v?\d+\.\d+\.\d+$/.test(source.version);
    findings.need(exact, `applications.${name}.version`, source.version, 'want one exact version');
  }
  return findings.problems;
}

function checkPools({ pools, placement }: Platform, findings: Findings): void {
  const names = pools.map(({ name }) => name);
  findings.unique(names, 'pools.name');
  const types = pools.flatMap(({ workloadType }) => (workloadType === undefined ? [] : [workloadType]));
  findings.unique(types, 'pools.workloadType');
  for (const { name, machines } of pools) {
    findings.need(isObjectName(name), `pools.${name}.name`, name, OBJECT_NAME_RULE);
    findings.need(Object.keys(machines).length > 0, `pools.${name}.machines`, machines, 'want at least one node');
  }
  for (const tier of TIERS) {
    const known = names.includes(placement[tier]);
    findings.need(known, `placement.${tier}`, placement[tier], `no pool to tolerate: want one of ${names.join(', ')}`);
  }
}

function checkApps(platform: Platform, findings: Findings): void {
  const { apps } = platform;
  const known = [...endpointsOf(platform).map(({ name }) => name), 'internet'];
  findings.unique(
    apps.map(({ name }) => name),
    'apps.name',
  );
  findings.unique(
    apps.flatMap(({ path }) => (path === undefined ? [] : [path])),
    'apps.path',
  );
  for (const app of apps) {
    const field = `apps.${app.name}`;
    findings.need(isObjectName(app.name), `${field}.name`, app.name, OBJECT_NAME_RULE);
    findings.need(isPinnedImage(app.image), `${field}.image`, app.image, PINNED_IMAGE_RULE);
    checkSize(findings, field, app);
    for (const call of app.calls)
      findings.need(known.includes(call), `${field}.calls`, call, `no such Service: want one of ${known.join(', ')}`);
    checkScale(app, field, findings);
    checkRelease(app, field, findings);
    const served = app.path === undefined || app.ports?.http !== undefined;
    findings.need(served, `${field}.path`, app.path, 'only what serves http can be published');
  }
}

function checkScale({ scale, vertical }: App, field: string, findings: Findings): void {
  for (const [key, count] of Object.entries(scale))
    findings.need(isCount(count), `${field}.scale.${key}`, count, COUNT);
  if (!('max' in scale)) return;
  findings.need(scale.min <= scale.max, `${field}.scale.min`, scale.min, 'must not exceed scale.max');
  findings.need(
    vertical === undefined,
    `${field}.vertical`,
    vertical,
    'an app that scales by CPU must not be resized as well',
  );
}

function checkRelease({ release, canary }: App, field: string, findings: Findings): void {
  if (typeof release === 'object' && 'steps' in release)
    for (const step of release.steps)
      findings.need(isShare(step), `${field}.release.steps`, step, 'want a percentage above 0 and below 100');
  const versioned = typeof release === 'object' && 'versions' in release;
  findings.need(
    versioned === (canary !== undefined),
    `${field}.canary`,
    canary,
    'belongs to a release of two versions',
  );
  if (!canary) return;
  findings.need(
    isShare(canary.weight),
    `${field}.canary.weight`,
    canary.weight,
    'want a percentage above 0 and below 100',
  );
  findings.need(isPinnedImage(canary.image), `${field}.canary.image`, canary.image, PINNED_IMAGE_RULE);
}

function checkStores({ postgres, redis, rabbitmq }: Platform, findings: Findings): void {
  if (postgres.kind !== 'rds') {
    checkSize(findings, 'postgres', postgres);
    findings.need(parseQuantity(postgres.storage) > 0, 'postgres.storage', postgres.storage, 'want a quantity above 0');
  }
  if (postgres.kind === 'ha') {
    const enough = isCount(postgres.instances) && postgres.instances >= 2;
    findings.need(enough, 'postgres.instances', postgres.instances, 'high availability needs at least 2');
  }
  checkSize(findings, 'redis', redis);
  if (redis.kind === 'sentinel') {
    const { replicas, quorum } = redis;
    const odd = isCount(replicas) && replicas >= 3 && replicas % 2 === 1;
    findings.need(odd, 'redis.replicas', replicas, 'Sentinels vote: want an odd number, at least 3');
    const majority = Math.floor(replicas / 2) + 1;
    findings.need(quorum === majority, 'redis.quorum', quorum, `want the majority of ${replicas}: ${majority}`);
  }
  checkSize(findings, 'rabbitmq', rabbitmq);
  const votes = isCount(rabbitmq.replicas) && rabbitmq.replicas % 2 === 1;
  findings.need(votes, 'rabbitmq.replicas', rabbitmq.replicas, 'quorum queues vote: want an odd number');
}

/** Every container says what it needs and what it may take. */
function checkSize(findings: Findings, field: string, size: Size): void {
  for (const kind of ['requests', 'limits'] as const)
    for (const resource of ['cpu', 'memory']) {
      const amount = size[kind][resource];
      findings.need(parseQuantity(amount ?? '') > 0, `${field}.${kind}.${resource}`, amount, 'want a quantity above 0');
      const [request, limit] = [size.requests[resource] ?? '', size.limits[resource] ?? ''];
      if (kind === 'requests' && parseQuantity(request) > parseQuantity(limit))
        findings.need(false, `${field}.requests.${resource}`, request, `must not exceed the limit ${limit}`);
    }
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count > 0;
}

function isShare(percent: number): boolean {
  return Number.isInteger(percent) && percent > 0 && percent < 100;
}
