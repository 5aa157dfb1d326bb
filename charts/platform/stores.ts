import type { StoredSize } from './platform.js';

/** Where PostgreSQL runs; always reached as `postgres.postgres:5432`. */
export type Postgres =
  | (StoredSize & { readonly kind: 'single'; readonly image: string })
  /** CloudNativePG: one primary and standbys that take over. */
  | (StoredSize & { readonly kind: 'ha'; readonly image: string; readonly instances: number })
  /** Amazon RDS: the Service is another name of its endpoint. */
  | { readonly kind: 'rds'; readonly endpoint: string; readonly cidr: string };

/** Where Redis runs; always reached as `redis-streams.redis:6379`, which is the current master. */
export type Redis = StoredSize & { readonly image: string; readonly exporter: string } & (
    | { readonly kind: 'single' }
    /** As many Sentinels as servers, an odd number; most of them must agree that the master is gone. */
    | {
        readonly kind: 'sentinel';
        readonly replicas: number;
        readonly quorum: number;
        readonly proxy: { readonly image: string; readonly replicas: number };
      }
  );

/** RabbitMQ, by its operator. */
export interface Rabbitmq extends StoredSize {
  readonly image: string;
  readonly replicas: number;
}

/** The ports of the seed's endpoints. */
export const STORE_PORTS = {
  postgres: 5432,
  redis: 6379,
  sentinel: 26379,
  rabbitmq: 5672,
  rabbitmqManagement: 15672,
} as const;
