import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isSnapshot } from '../../../../src/shared/ipc.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Counter, Gauge, Registry } from '../../../../src/shared/metrics/prom.ts';
import { capture } from '../../../../src/worker/reporting/capture.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded, total } from '../../../helpers/numbers.ts';

function worker() {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const outbox = new Outbox({ metrics, send: (_, done) => done(null), clock: new ManualClock() });
  return { registry, outbox };
}

async function read(registry: Registry, outbox: Outbox) {
  const { text } = await capture(registry, outbox, (sequence, metrics) =>
    JSON.stringify({ workerId: 'w', sequence, metrics }),
  );
  const snapshot: unknown = JSON.parse(text);
  if (!isSnapshot(snapshot)) throw new TypeError('not a snapshot');
  return snapshot;
}

describe('capture', () => {
  it('contains exactly the events up to its number, even if others arrive during the read', async () => {
    const { registry, outbox } = worker();
    // Pushes events in the same microtasks in which the registry is read.
    let stop = false;
    const pushing = (async () => {
      while (!stop) {
        outbox.push(requestEnded());
        await Promise.resolve();
      }
    })();
    try {
      for (let round = 0; round < 50; round += 1) {
        const { sequence, metrics } = await read(registry, outbox);
        expect(total(metrics, 'llm_requests_total')).to.equal(sequence);
        const counts = metrics
          .find(({ name }) => name === 'llm_request_duration_seconds')
          ?.values.filter(({ metricName }) => metricName === 'llm_request_duration_seconds_count');
        expect(counts?.reduce((sum, { value }) => sum + value, 0) ?? 0).to.equal(sequence);
      }
    } finally {
      stop = true;
      await pushing;
    }
    expect(outbox.sequence).to.be.greaterThan(50);
  });

  it('folds events again after a failed read of the registry', async () => {
    const { registry, outbox } = worker();
    new Gauge({
      name: 'broken',
      help: 'b',
      registers: [registry],
      collect() {
        throw new Error('no such thing');
      },
    });
    const failure = await read(registry, outbox).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    outbox.push(requestEnded());
    expect(outbox.sequence).to.equal(1);
  });

  it("rounds the sums of Node's own metrics to the grid, and leaves those of events unchanged", async () => {
    const { registry, outbox } = worker();
    new Counter({ name: 'process_cpu_seconds_total', help: 'c', registers: [registry] }).inc(0.1);
    outbox.push(requestEnded({ seconds: 2 ** -10 * 3 }));
    const { metrics } = await read(registry, outbox);
    expect(total(metrics, 'process_cpu_seconds_total') * 2 ** 20).to.equal(Math.round(0.1 * 2 ** 20));
    const sum = metrics
      .flatMap(({ values }) => values)
      .find(({ metricName }) => metricName === 'llm_request_duration_seconds_sum');
    expect(sum?.value).to.equal(2 ** -10 * 3);
  });
});
