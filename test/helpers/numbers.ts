/**
 * For tests of what counts: events, registries read as plain numbers, a folder that goes away, a log that is kept.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { RequestEnded, WorkerEvent } from '../../src/shared/events.ts';
import type { Log } from '../../src/shared/log.ts';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { type MetricJson, Registry, readRegistry } from '../../src/shared/metrics/prom.ts';
import { record } from '../../src/shared/metrics/record.ts';

/** A request that ended well, after half a second. */
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

export async function jsonOf(registry: Registry): Promise<MetricJson[]> {
  // As it comes out of a pipe: what the library shares is shared no more.
  return JSON.parse(JSON.stringify(await readRegistry(registry))) as MetricJson[];
}

/** A registry that has folded just these events, as JSON. */
export function folded(events: readonly WorkerEvent[]): Promise<MetricJson[]> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  for (const event of events) record(metrics, event);
  return jsonOf(registry);
}

/** Every series with its value, by a name that does not depend on the order of labels; zeros are left out. */
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

/** The same of a page in Prometheus' text format, zeros included. */
export function seriesOfPage(page: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const end = line.lastIndexOf(' ');
    values.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return values;
}

/** How often a counter of that name was counted up, over all its series. */
export function total(metrics: readonly MetricJson[], name: string): number {
  const values = metrics.find((metric) => metric.name === name)?.values ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}

export interface TemporaryFolder {
  readonly folder: string;
  remove(): void;
}

/** A folder of its own, and its removal. */
export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A log whose messages can be read. */
export function keptLog() {
  const messages: string[] = [];
  /** The same lines in full. */
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
