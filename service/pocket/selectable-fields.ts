import { type KubeObject, recordOf } from './kube-object.js';
import { EVENTS, PODS, type ResourceKind } from './resource-kind.js';

type Read = (object: KubeObject) => string;

const at =
  (part: string, field: string, otherwise = ''): Read =>
  (object) => {
    const value = recordOf(object[part])[field];
    return typeof value === 'string' ? value : otherwise;
  };
const top =
  (field: string): Read =>
  (object) => {
    const value = object[field];
    return typeof value === 'string' ? value : '';
  };

const EVERY: Readonly<Record<string, Read>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

const POD: Readonly<Record<string, Read>> = {
  ...EVERY,
  'spec.nodeName': at('spec', 'nodeName'),
  'spec.restartPolicy': at('spec', 'restartPolicy'),
  'spec.schedulerName': at('spec', 'schedulerName', 'default-scheduler'),
  'spec.serviceAccountName': at('spec', 'serviceAccountName'),
  'status.phase': at('status', 'phase'),
  'status.podIP': at('status', 'podIP'),
};

const EVENT: Readonly<Record<string, Read>> = {
  ...EVERY,
  'involvedObject.kind': at('involvedObject', 'kind'),
  'involvedObject.namespace': at('involvedObject', 'namespace'),
  'involvedObject.name': at('involvedObject', 'name'),
  'involvedObject.uid': at('involvedObject', 'uid'),
  'involvedObject.apiVersion': at('involvedObject', 'apiVersion'),
  'involvedObject.resourceVersion': at('involvedObject', 'resourceVersion'),
  'involvedObject.fieldPath': at('involvedObject', 'fieldPath'),
  reason: top('reason'),
  type: top('type'),
  source: at('source', 'component'),
  reportingComponent: top('reportingComponent'),
};

/** What a field selector may name for each kind, as in a real API server. */
export function selectableFields(kind: ResourceKind): Readonly<Record<string, Read>> {
  return kind === PODS ? POD : kind === EVENTS ? EVENT : EVERY;
}
