import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type MetricFamily, metricFamilies } from './metric-families.js';
import type { Status } from './status.js';

/** The service's metrics in Prometheus' text format: its own, and those of the process and its event loop. */
export class Metrics {
  private readonly registry = new Registry();
  private status: Status | undefined;

  /** `take`: the service as it is now. Asked once for each text(). */
  constructor(private readonly take: () => Status) {
    // The event loop's delay is looked at ten times a second: an idle service shall sleep.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
    for (const family of metricFamilies) this.register(family);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    this.status = this.take();
    return this.registry.metrics();
  }

  private register({ kind, name, help, labels, samples }: MetricFamily): void {
    const options = { name, help, labelNames: [...labels], registers: [this.registry] };
    const values = () => (this.status === undefined ? [] : samples(this.status));
    const labelled = (texts: readonly string[]) =>
      Object.fromEntries(labels.map((label, index) => [label, texts[index] ?? '']));
    if (kind === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          this.reset();
          for (const [value, ...texts] of values()) this.set(labelled(texts), value);
        },
      });
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset();
          for (const [value, ...texts] of values()) this.inc(labelled(texts), value);
        },
      });
    }
  }
}
