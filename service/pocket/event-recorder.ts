import { randomBytes } from 'node:crypto';
import { type KubeObject, timestamp } from './kube-object.js';
import type { ObjectStore } from './object-store.js';
import { EVENTS } from './resource-kind.js';

/** Events kept in all; the oldest go first (a real cluster keeps them for an hour). */
const KEPT = 5000;

/** Writes core/v1 Events about Pods, counting repeats as a real cluster does. */
export class EventRecorder {
  private readonly recent = new Map<string, string>();

  constructor(
    private readonly store: ObjectStore,
    private readonly node: string,
  ) {}

  record(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    const namespace = pod.metadata.namespace ?? '';
    const known = `${pod.metadata.uid} ${reason} ${message}`;
    const name = this.recent.get(known);
    const earlier = name === undefined ? undefined : this.store.get(EVENTS, namespace, name);
    if (earlier !== undefined) {
      const count = typeof earlier['count'] === 'number' ? earlier['count'] + 1 : 2;
      this.store.update(EVENTS, earlier, { ...earlier, count, lastTimestamp: timestamp() });
      return;
    }
    const component = reason === 'Scheduled' || reason === 'FailedScheduling' ? 'default-scheduler' : 'kubelet';
    const host = component === 'kubelet' ? { host: this.node } : {};
    const added = this.store.add(
      EVENTS,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: {},
        involvedObject: {
          kind: 'Pod',
          namespace,
          name: pod.metadata.name,
          uid: pod.metadata.uid,
          apiVersion: 'v1',
          resourceVersion: pod.metadata.resourceVersion,
          ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
        },
        reason,
        message,
        type,
        count: 1,
        firstTimestamp: timestamp(),
        lastTimestamp: timestamp(),
        eventTime: null,
        source: { component, ...host },
        reportingComponent: component,
        reportingInstance: component === 'kubelet' ? this.node : '',
      },
      namespace,
      `${pod.metadata.name}.${randomBytes(8).toString('hex')}`,
    );
    this.recent.set(known, added.metadata.name);
    this.forget(namespace);
  }

  private forget(namespace: string): void {
    const [oldest] = this.recent;
    if (this.recent.size <= KEPT || oldest === undefined) return;
    this.recent.delete(oldest[0]);
    const event = this.store.get(EVENTS, namespace, oldest[1]);
    if (event !== undefined) this.store.remove(EVENTS, event);
  }
}
