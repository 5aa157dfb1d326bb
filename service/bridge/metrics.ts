import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Sessions } from './sessions/sessions.js';
import type { TerminalServer } from './terminal/terminal-server.js';

/** What Prometheus reads: numbers only, and no label that names a user or a session. */
export class Metrics {
  readonly registry = new Registry();
  private readonly calls = new Histogram({
    name: 'berth_kubernetes_call_seconds',
    help: 'Calls of the Kubernetes API until the answer began; status 0: no answer.',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly observeCall = (method: string, status: number, seconds: number): void => {
    this.calls.observe({ method, status: String(status) }, seconds);
  };

  /** Reads the present state at every scrape. */
  follow(sessions: Sessions, terminal: TerminalServer): void {
    const registers = [this.registry];
    const byPhase: Gauge = new Gauge({
      name: 'berth_sessions',
      help: 'Sessions by phase.',
      labelNames: ['phase'],
      registers,
      collect: () => {
        for (const [phase, count] of Object.entries(sessions.census())) byPhase.set({ phase }, count);
      },
    });
    const { counters } = terminal;
    const gauge = (name: string, help: string, read: () => number): void => {
      const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
    };
    gauge('berth_viewers', 'Viewers attached to this replica.', () => terminal.viewerCount);
    gauge('berth_undelivered_bytes', 'Read for viewers and not yet given to the network.', () => counters.undelivered);
    gauge('berth_undelivered_bytes_peak', 'The most that ever waited for one viewer.', () => counters.undeliveredPeak);
    const total = (name: string, help: string, read: () => number): void => {
      const made: Counter = new Counter({
        name,
        help,
        registers,
        collect: () => {
          made.reset();
          made.inc(read());
        },
      });
    };
    total('berth_viewer_sent_bytes_total', 'Bytes given to the network for viewers.', () => counters.bytesToViewers);
    total('berth_viewer_received_bytes_total', 'Bytes that viewers sent.', () => counters.bytesFromViewers);
    total('berth_execs_opened_total', 'Attachments opened.', () => counters.execsOpened);
    total('berth_execs_refused_total', 'Attachments that the cluster refused.', () => counters.execsRefused);
  }
}
