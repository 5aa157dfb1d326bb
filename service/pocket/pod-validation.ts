import { isDeepStrictEqual } from 'node:util';
import { type Manifest, without } from './kube-object.js';
import { invalidValue, metadataProblems, requiredValue } from './object-validation.js';
import type { Pod, PodSpec } from './pod.js';
import { parseQuantity } from './quantity.js';
import { PODS } from './resource-kind.js';
import { StatusError, type StatusCause } from './status-error.js';

type Cause = Required<StatusCause>;

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const UPDATE_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Checks a Pod before it is stored. @throws StatusError 422 with every cause. */
export function validatePod(manifest: Manifest, name: string, spec: PodSpec): void {
  const causes = [...metadataProblems(manifest, name), ...specProblems(spec)];
  if (causes.length > 0) throw StatusError.invalid(PODS, name, causes);
}

/** Checks a change of a Pod: almost all of a spec is immutable. @throws StatusError 422 with every cause. */
export function validatePodUpdate(current: Pod, changed: Pod): void {
  const causes = metadataProblems(changed, current.metadata.name);
  const [before, after] = [current.spec, changed.spec];
  if (!isDeepStrictEqual(immutable(before), immutable(after))) {
    causes.push({ reason: 'FieldValueForbidden', field: 'spec', message: `Forbidden: ${UPDATE_RULE}` });
  }
  const [was, is] = [before.activeDeadlineSeconds, after.activeDeadlineSeconds];
  if (was !== undefined && is === undefined) {
    causes.push(
      invalidValue('spec.activeDeadlineSeconds', null, 'must not update from a positive integer to nil value'),
    );
  } else if (was !== undefined && is !== undefined && is > was) {
    causes.push(invalidValue('spec.activeDeadlineSeconds', is, 'must be less than or equal to previous value'));
  }
  causes.push(...deadlineProblems(after));
  if (causes.length > 0) throw StatusError.invalid(PODS, current.metadata.name, causes);
}

function immutable(spec: PodSpec): unknown {
  const rest = without(spec, 'activeDeadlineSeconds', 'tolerations');
  return { ...rest, containers: spec.containers.map((container) => ({ ...container, image: '' })) };
}

function specProblems(spec: PodSpec): Cause[] {
  const causes: Cause[] = [];
  if (spec.containers.length === 0) causes.push(requiredValue('spec.containers'));
  if (spec['initContainers'] !== undefined) {
    // A real server accepts these; better a clear refusal than a Pod that runs without them.
    const message = 'Forbidden: the pocket cluster does not run init containers';
    causes.push({ reason: 'FieldValueForbidden', field: 'spec.initContainers', message });
  }
  const volumes = (spec.volumes ?? []).map((volume) => volume.name);
  const names = new Set<string>();
  for (const [index, container] of spec.containers.entries()) {
    const at = `spec.containers[${index}]`;
    if (container.name === '') causes.push(requiredValue(`${at}.name`));
    else if (!LABEL.test(container.name)) causes.push(invalidValue(`${at}.name`, container.name, LABEL_RULE));
    if (names.has(container.name)) {
      const message = `Duplicate value: ${JSON.stringify(container.name)}`;
      causes.push({ reason: 'FieldValueDuplicate', field: `${at}.name`, message });
    }
    names.add(container.name);
    if (container.image.trim() === '') causes.push(requiredValue(`${at}.image`));
    for (const [mount, { name }] of (container.volumeMounts ?? []).entries()) {
      if (volumes.includes(name)) continue;
      const field = `${at}.volumeMounts[${mount}].name`;
      causes.push({ reason: 'FieldValueNotFound', field, message: `Not found: ${JSON.stringify(name)}` });
    }
    causes.push(...quantityProblems(`${at}.resources`, container.resources ?? {}));
  }
  return [...causes, ...deadlineProblems(spec)];
}

function quantityProblems(at: string, resources: NonNullable<PodSpec['containers'][number]['resources']>): Cause[] {
  const causes: Cause[] = [];
  for (const [part, quantities] of Object.entries({ limits: resources.limits, requests: resources.requests })) {
    for (const [resource, quantity] of Object.entries(quantities ?? {})) {
      const field = `${at}.${part}[${resource}]`;
      const amount = parseQuantity(quantity);
      const limit = parseQuantity(resources.limits?.[resource] ?? Infinity) ?? Infinity;
      if (amount === undefined || amount < 0) {
        causes.push(invalidValue(field, quantity, 'must be greater than or equal to 0'));
      } else if (part === 'requests' && amount > limit) {
        causes.push(
          invalidValue(
            field,
            quantity,
            `must be less than or equal to ${resource} limit of ${String(resources.limits?.[resource])}`,
          ),
        );
      }
    }
  }
  return causes;
}

function deadlineProblems(spec: PodSpec): Cause[] {
  const deadline = spec.activeDeadlineSeconds;
  if (deadline === undefined || (deadline >= 1 && deadline <= 2 ** 31 - 1)) return [];
  return [invalidValue('spec.activeDeadlineSeconds', deadline, 'must be between 1 and 2147483647, inclusive')];
}
