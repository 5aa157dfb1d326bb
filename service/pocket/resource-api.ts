import { randomInt } from 'node:crypto';
import { admitPod, requireNamespace } from './admission.js';
import type { ApiRequest } from './api-request.js';
import { isRecord, type KubeObject, type Manifest, recordOf, timestamp } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { validateMetadata } from './object-validation.js';
import { applyPatch } from './patch.js';
import { asPod, isFinished, type Pod, readPodSpec } from './pod.js';
import { validatePod, validatePodUpdate } from './pod-validation.js';
import { apiVersionOf, PODS, type ResourceKind } from './resource-kind.js';
import { checkQuota } from './resource-quota.js';
import { fieldSelector, labelSelector, type Selector } from './selector.js';
import { selectableFields } from './selectable-fields.js';
import { StatusError } from './status-error.js';

/** A collection as `list` answers it. */
export interface ObjectList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

/** What each verb does to the store, with the checks and the texts of a real API server. */
export class ResourceApi {
  constructor(private readonly store: ObjectStore) {}

  get(request: ApiRequest): KubeObject {
    return this.existing(request);
  }

  list(request: ApiRequest): ObjectList {
    const { kind, namespace, query } = request;
    const wanted = selectorOf(request);
    const after = query.get('continue') ?? '';
    const limit = Number(query.get('limit') ?? 0);
    const all = this.store.list(kind, namespace).filter(wanted);
    const rest =
      after === '' ? all : all.filter((object) => positionOf(object) > Buffer.from(after, 'base64url').toString());
    const items = limit > 0 ? rest.slice(0, limit) : rest;
    const last = items.at(-1);
    const more =
      last === undefined || items.length === rest.length
        ? {}
        : {
            continue: Buffer.from(positionOf(last)).toString('base64url'),
            remainingItemCount: rest.length - items.length,
          };
    const metadata = { resourceVersion: String(this.store.revision), ...more };
    return { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List`, metadata, items };
  }

  create(request: ApiRequest, body: unknown): KubeObject {
    const { kind, namespace, query } = request;
    const manifest = this.readBody(request, body);
    const { generateName } = manifest.metadata;
    const given = typeof manifest.metadata.name === 'string' ? manifest.metadata.name : '';
    const name = given === '' && typeof generateName === 'string' ? `${generateName}${suffix()}` : given;
    if (namespace !== undefined) requireNamespace(this.store, namespace);
    if (kind === PODS) return this.createPod(manifest, namespace ?? '', name, query.get('dryRun') !== null);
    validateMetadata(kind, manifest, name);
    this.requireFree(kind, namespace, name);
    return this.store.add(kind, manifest, namespace, name);
  }

  update(request: ApiRequest, body: unknown): KubeObject {
    const current = this.existing(request);
    return this.replace(request.kind, current, this.readBody(request, body));
  }

  patch(request: ApiRequest, contentType: string, body: unknown): KubeObject {
    const current = this.existing(request);
    return this.replace(request.kind, current, applyPatch(current, contentType, body) as Manifest);
  }

  delete(request: ApiRequest, body: unknown): KubeObject {
    const current = this.existing(request);
    const options = recordOf(body);
    const preconditions = recordOf(options['preconditions']);
    const { kind } = request;
    const { name, uid, resourceVersion } = current.metadata;
    for (const [what, wanted, actual] of [
      ['UID', preconditions['uid'], uid],
      ['ResourceVersion', preconditions['resourceVersion'], resourceVersion],
    ] as const) {
      if (wanted !== undefined && wanted !== actual) throw preconditionFailed(kind, name, what, wanted, actual);
    }
    const asked = options['gracePeriodSeconds'] ?? request.query.get('gracePeriodSeconds') ?? undefined;
    return this.remove(kind, current, asked === undefined ? undefined : Number(asked));
  }

  deleteAll(request: ApiRequest, body: unknown): ObjectList {
    const list = this.list(request);
    for (const { metadata } of list.items)
      this.delete({ ...request, namespace: metadata.namespace, name: metadata.name }, body);
    return list;
  }

  /** Deletes an object. A Pod that runs is marked first and goes once its processes are gone. */
  remove(kind: ResourceKind, current: KubeObject, graceSeconds?: number): KubeObject {
    const grace = kind === PODS ? graceOf(asPod(current), graceSeconds) : 0;
    if (grace === 0) {
      this.store.remove(kind, current);
      return current;
    }
    const pending = current.metadata.deletionGracePeriodSeconds;
    if (pending !== undefined && pending <= grace) return current;
    const metadata = {
      ...current.metadata,
      deletionTimestamp: timestamp(Date.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
    };
    return this.store.update(kind, current, { ...current, metadata });
  }

  private createPod(manifest: Manifest, namespace: string, name: string, dryRun: boolean): Pod {
    const spec = admitPod(this.store, namespace, name, readPodSpec(manifest));
    validatePod(manifest, name, spec);
    this.requireFree(PODS, namespace, name);
    checkQuota(this.store, namespace, name, spec);
    const pod = { ...manifest, spec, status: { phase: 'Pending' } };
    if (dryRun) return pod as unknown as Pod;
    return asPod(this.store.add(PODS, pod, namespace, name));
  }

  private replace(kind: ResourceKind, current: KubeObject, changed: Manifest): KubeObject {
    const { name, uid, resourceVersion } = current.metadata;
    const given = changed.metadata;
    if (given.uid !== undefined && given.uid !== uid) {
      throw preconditionFailed(kind, name, 'UID', given.uid, uid);
    }
    if (given.resourceVersion !== undefined && given.resourceVersion !== resourceVersion) {
      const why = 'the object has been modified; please apply your changes to the latest version and try again';
      throw StatusError.conflict(kind, name, why);
    }
    const metadata = {
      ...changed.metadata,
      deletionTimestamp: current.metadata.deletionTimestamp,
      deletionGracePeriodSeconds: current.metadata.deletionGracePeriodSeconds,
    };
    const object = withoutUndefined({ ...changed, metadata }) as KubeObject;
    if (kind !== PODS) {
      validateMetadata(kind, object, name);
      return this.store.update(kind, current, object);
    }
    const pod: Pod = { ...object, spec: readPodSpec(object), status: asPod(current).status };
    validatePodUpdate(asPod(current), pod);
    return this.store.update(kind, current, pod);
  }

  private existing({ kind, namespace, name = '' }: ApiRequest): KubeObject {
    const found = this.store.get(kind, namespace, name);
    if (found === undefined) throw StatusError.notFound(kind, name);
    return found;
  }

  private requireFree(kind: ResourceKind, namespace: string | undefined, name: string): void {
    if (this.store.get(kind, namespace, name) !== undefined) throw StatusError.alreadyExists(kind, name);
  }

  private readBody({ kind, namespace }: ApiRequest, body: unknown): Manifest {
    if (!isRecord(body)) throw StatusError.badRequest('the request body is not a JSON object');
    const { apiVersion = apiVersionOf(kind), kind: name = kind.kind } = body;
    if (apiVersion !== apiVersionOf(kind) || name !== kind.kind) {
      const sent = `${JSON.stringify(name)} in version ${JSON.stringify(apiVersion)}`;
      const message = `${sent} cannot be handled as a ${kind.kind} in version "${apiVersionOf(kind)}"`;
      throw StatusError.badRequest(message);
    }
    const metadata = recordOf(body['metadata']);
    if (namespace !== undefined && (metadata['namespace'] ?? namespace) !== namespace) {
      throw StatusError.badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    return { ...body, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
  }
}

/** The objects that a list or watch asks for. @throws StatusError 400 for a selector that cannot be read */
export function selectorOf({ kind, namespace, query }: ApiRequest): Selector {
  const labels = labelSelector(query.get('labelSelector') ?? '');
  const fields = fieldSelector(query.get('fieldSelector') ?? '', selectableFields(kind));
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && labels(object) && fields(object);
}

function graceOf(pod: Pod, asked: number | undefined): number {
  // Nothing to wait for: no kubelet has it, or it has already ended.
  if (pod.spec.nodeName === undefined || isFinished(pod)) return 0;
  return Math.max(0, asked ?? pod.spec.terminationGracePeriodSeconds ?? 30);
}

function preconditionFailed(
  kind: ResourceKind,
  name: string,
  what: string,
  wanted: unknown,
  actual: string,
): StatusError {
  const given = typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
  const why = `Precondition failed: ${what} in precondition: ${given}, ${what} in object meta: ${actual}`;
  return StatusError.conflict(kind, name, why);
}

function positionOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function suffix(): string {
  return Array.from({ length: 5 }, () => SUFFIX[randomInt(SUFFIX.length)] ?? '').join('');
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
