import type { App, AppDefinition, AppFigures } from '../../platform/app.js';

const HTTP = { http: 8000 } as const;
const HTTP_AND_GRPC = { http: 8000, grpc: 50051 } as const;

/** How APIs and workers answer for themselves; workers serve nothing, so a command asks them. */
const BY_HTTP = { http: 'http', live: '/health', ready: '/ready' } as const;
const BY_GRPC = { grpc: 50051 } as const;
const BY_COMMAND = { exec: ['/app/healthcheck'] } as const;

/** What Eco² runs, the same in every environment: the seed's seven domains, their workers, and the integration tier. */
export const APPS = [
  {
    name: 'auth-api',
    tier: 'business-logic',
    domain: 'auth',
    ports: HTTP,
    check: BY_HTTP,
    release: 'RollingUpdate',
    path: '/api/v1/auth',
    calls: ['postgres', 'redis', 'rabbitmq', 'internet'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD', 'JWT_SECRET'],
  },
  {
    name: 'my-api',
    tier: 'business-logic',
    domain: 'my',
    ports: HTTP,
    check: BY_HTTP,
    release: 'RollingUpdate',
    path: '/api/v1/my',
    calls: ['postgres', 'redis', 'character-api:grpc'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD'],
  },
  {
    name: 'scan-api',
    tier: 'business-logic',
    domain: 'scan',
    ports: HTTP,
    check: BY_HTTP,
    release: 'BlueGreen',
    path: '/api/v1/scan',
    calls: ['postgres', 'redis', 'rabbitmq', 'image-api'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD'],
  },
  {
    name: 'character-api',
    tier: 'business-logic',
    domain: 'character',
    ports: HTTP_AND_GRPC,
    check: BY_GRPC,
    release: 'RollingUpdate',
    path: '/api/v1/characters',
    calls: ['postgres', 'redis'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD'],
  },
  {
    name: 'location-api',
    tier: 'business-logic',
    domain: 'location',
    ports: HTTP_AND_GRPC,
    check: BY_GRPC,
    release: { steps: [10, 50] },
    path: '/api/v1/locations',
    calls: ['postgres', 'redis', 'internet'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'MAP_API_KEY'],
  },
  {
    name: 'image-api',
    tier: 'business-logic',
    domain: 'image',
    ports: HTTP,
    check: BY_HTTP,
    release: 'RollingUpdate',
    path: '/api/v1/images',
    calls: ['redis', 'internet'],
    secrets: ['REDIS_PASSWORD'],
  },
  {
    name: 'chat-api',
    tier: 'business-logic',
    domain: 'chat',
    ports: HTTP,
    check: BY_HTTP,
    release: { versions: ['v1', 'v2'] },
    path: '/api/v1/chat',
    calls: ['postgres', 'redis', 'rabbitmq', 'character-api:grpc', 'location-api:grpc', 'image-api'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD'],
  },
  {
    name: 'chat-worker',
    tier: 'worker',
    domain: 'chat',
    check: BY_COMMAND,
    release: 'RollingUpdate',
    calls: ['postgres', 'redis', 'rabbitmq', 'character-api:grpc', 'location-api:grpc', 'internet'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD', 'OPENAI_API_KEY'],
  },
  {
    name: 'scan-worker',
    tier: 'worker',
    domain: 'scan',
    check: BY_COMMAND,
    release: 'RollingUpdate',
    calls: ['redis', 'rabbitmq', 'internet'],
    secrets: ['REDIS_PASSWORD', 'RABBITMQ_PASSWORD', 'OPENAI_API_KEY'],
  },
  {
    name: 'character-worker',
    tier: 'worker',
    domain: 'character',
    check: BY_COMMAND,
    release: 'RollingUpdate',
    calls: ['postgres', 'redis', 'rabbitmq'],
    secrets: ['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD'],
  },
  {
    name: 'event-router',
    tier: 'integration',
    domain: 'event-router',
    ports: HTTP,
    check: BY_HTTP,
    release: 'RollingUpdate',
    calls: ['redis'],
    config: { STREAMS: 'chat:events,scan:events', CHANNEL_PREFIX: 'sse:events' },
    secrets: ['REDIS_PASSWORD'],
  },
  {
    name: 'sse-gateway',
    tier: 'integration',
    domain: 'sse-gateway',
    ports: HTTP,
    check: BY_HTTP,
    release: 'RollingUpdate',
    path: '/api/v1/events',
    calls: ['redis'],
    config: { CHANNEL_PREFIX: 'sse:events' },
    secrets: ['REDIS_PASSWORD'],
  },
] as const satisfies readonly AppDefinition[];

/** A figure for every app; the type complains about one that is forgotten. */
export type Figures = Readonly<Record<(typeof APPS)[number]['name'], AppFigures>>;

/** The apps as an environment runs them. */
export function appsWith(figures: Figures): readonly App[] {
  return APPS.map((app) => ({ ...app, ...figures[app.name] }));
}
