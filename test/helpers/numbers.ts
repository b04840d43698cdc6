/**
 * For tests of counts: events, registries and pages as plain numbers, and a log that a test can read.
 */
import { pino } from 'pino';
import type { RequestEnded, WorkerEvent } from '../../src/shared/events.ts';
import type { Log } from '../../src/shared/log.ts';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { type MetricJson, Registry, readRegistry } from '../../src/shared/metrics/prom.ts';
import { record } from '../../src/shared/metrics/record.ts';

/** A request that succeeded after half a second. */
export function requestEnded(parts: Partial<RequestEnded> = {}): RequestEnded {
  return {
    type: 'request-ended',
    provider: 'openai',
    status: 'success',
    model: 'gpt-4',
    seconds: 0.5,
    overheadSeconds: 2 ** -10,
    endpoint: 'chat_completions',
    ...parts,
  };
}

/** A registry as JSON, in the form in which it leaves a pipe: no object is shared with the library. */
export async function jsonOf(registry: Registry): Promise<MetricJson[]> {
  return JSON.parse(JSON.stringify(await readRegistry(registry))) as MetricJson[];
}

/** A registry that has recorded exactly these events, as JSON. */
export function folded(events: readonly WorkerEvent[]): Promise<MetricJson[]> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  for (const event of events) record(metrics, event);
  return jsonOf(registry);
}

/** Every series with its value, by a name that does not depend on the order of its labels. Zeros are left out. */
export function series(metrics: readonly MetricJson[]): Map<string, number> {
  const values = new Map<string, number>();
  for (const metric of metrics) {
    for (const { metricName, labels, value } of metric.values) {
      const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
      if (value !== 0) values.set(`${metricName ?? metric.name}${JSON.stringify(sorted)}`, value);
    }
  }
  return values;
}

/** The same for a page in Prometheus' text format, with the names of the page and including zeros. */
export function seriesOfPage(page: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const end = line.lastIndexOf(' ');
    values.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return values;
}

/** The sum of a counter over all its series. */
export function total(metrics: readonly MetricJson[], name: string): number {
  const values = metrics.find((metric) => metric.name === name)?.values ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** A log that keeps its messages. */
export function keptLog() {
  const messages: string[] = [];
  /** The same lines with all their fields. */
  const entries: Readonly<Record<string, unknown>>[] = [];
  const log: Log = pino(
    { level: 'info' },
    {
      write(line: string) {
        const entry: unknown = JSON.parse(line);
        if (typeof entry !== 'object' || entry === null || !('msg' in entry)) return;
        messages.push(String(entry.msg));
        entries.push({ ...entry });
      },
    },
  );
  return { log, messages, entries };
}
