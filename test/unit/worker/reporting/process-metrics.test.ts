import { expect } from 'chai';
import { describe, it } from 'mocha';
import { fold } from '../../../../src/shared/metrics/fold.ts';
import { createWorkerRegistry } from '../../../../src/worker/reporting/process-metrics.ts';
import { jsonOf, total } from '../../../helpers/numbers.ts';

describe("a worker's registry", () => {
  it('labels gauges of its process by slot, and merges two of one slot to the larger value', async () => {
    const { registry } = createWorkerRegistry(2);
    const json = await jsonOf(registry);
    for (const name of ['llm_worker_event_loop_lag_seconds', 'llm_worker_resident_memory_bytes']) {
      const gauge = json.find((metric) => metric.name === name);
      expect(gauge?.aggregator).to.equal('max');
      expect(gauge?.values.map(({ labels }) => labels)).to.deep.equal([{ worker: '2' }]);
    }
    expect(total(json, 'llm_worker_resident_memory_bytes')).to.be.greaterThan(1e6);
    expect(total(fold([json, json]), 'llm_worker_resident_memory_bytes')).to.equal(
      total(json, 'llm_worker_resident_memory_bytes'),
    );
  });

  it('shows the requests in flight now, and sums them over workers', async () => {
    let inFlight = 3;
    const { registry, showInFlight } = createWorkerRegistry(0);
    expect(total(await jsonOf(registry), 'llm_requests_in_flight')).to.equal(0);
    showInFlight(() => inFlight);
    expect(total(await jsonOf(registry), 'llm_requests_in_flight')).to.equal(3);
    inFlight = 5;
    const json = await jsonOf(registry);
    expect(total(fold([json, json]), 'llm_requests_in_flight')).to.equal(10);
  });

  it("has Node's metrics, except those that averaging would falsify and those with wrong names", async () => {
    const { registry } = createWorkerRegistry(0);
    const names = (await jsonOf(registry)).map(({ name }) => name);
    expect(names).to.include.members([
      'process_cpu_seconds_total',
      'nodejs_heap_size_used_bytes',
      'nodejs_gc_duration_seconds',
    ]);
    expect(names.filter((name) => name.startsWith('nodejs_eventloop_lag'))).to.deep.equal([]);
    expect(names.filter((name) => /^nodejs_active_.*_total$/.test(name))).to.deep.equal([]);
  });
});
