import type { Terminal } from '../../terminal/terminal.js';
import { ownImage } from '../../model/version.js';
import type { Addresses } from '../placeholders.js';
import { PROFILES } from './profiles.js';

/** The web terminal on the k3s cluster; users open port 31000 of the node. */
export function k3sTerminal(addresses: Addresses): Terminal {
  const nodePort = 31000;
  return {
    namespace: 'claudecode-terminal',
    profiles: PROFILES,
    bridge: {
      image: ownImage('web-terminal-service'),
      replicas: 2,
      requests: { cpu: '100m', memory: '192Mi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '256Mi' },
      // Two replicas, the third of a rollout, and room for one more.
      quota: {
        pods: '4',
        'requests.cpu': '400m',
        'requests.memory': '768Mi',
        'limits.cpu': '4',
        'limits.memory': '2Gi',
      },
      entrance: { kind: 'node-port', port: nodePort },
      tokenSeconds: 3600,
      allowedOrigins: [`http://${addresses.k8sNode}:${nodePort}`],
      basePath: '',
      sessionsPerUser: 4,
      viewersPerSession: 8,
      loginAttemptsPerMinute: 10,
      startSeconds: 3600,
      finishedSeconds: 300,
      drainSeconds: 20,
      logLevel: 'info',
    },
    sandboxes: {
      // Forty small ones or ten large ones; or every card of the GPU nodes to come, and thirty small ones. Requests fit
      // what the node has beside everything else, and keep the memory limits of CPU sandboxes below its memory.
      quota: {
        pods: '40',
        'requests.cpu': '5',
        'requests.memory': '160Gi',
        'limits.cpu': '120',
        'limits.memory': '320Gi',
      },
      // Four T4 and four A2, once their nodes have joined.
      gpus: 8,
      idleSeconds: 43_200,
      deadlineSeconds: 604_800,
      holdSeconds: 60,
      logBytes: 4 * 1024 * 1024,
    },
    limits: {
      // For containers that say nothing; the bridge and the sandboxes say everything.
      defaultRequest: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
      default: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
      // The largest profile.
      max: { cpu: '4', memory: '16Gi', 'ephemeral-storage': '40Gi' },
    },
  };
}
