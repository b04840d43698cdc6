/** Traces of a whole gateway: what is left arrives at a stop, and a collector that is gone holds up neither it nor a request. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { type Collector, startCollector } from '../helpers/collector.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('the traces of a gateway', () => {
  provider.use();
  let collector: Collector;

  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(() => collector.close());

  const traced = () => ({ ...provider.config, tracing: { endpoint: collector.endpoint } });

  it('begin with the first request, and all arrive at a stop', async () => {
    const gateway = await startGateway(traced());
    for (let request = 0; request < 10; request += 1) expect((await gateway.complete()).status).to.equal(200);
    gateway.signal('SIGTERM');
    expect((await gateway.exited).code).to.equal(0);
    expect(collector.spans.filter(({ kind }) => kind === 'server')).to.have.length(10);
    expect(collector.spans).to.have.length(20);
  });

  it('have the name of the service that the environment says', async () => {
    const environment = { OTEL_SERVICE_NAME: 'edge', OTEL_RESOURCE_ATTRIBUTES: 'service.name=llm' };
    const gateway = await startGateway(traced(), { environment });
    await gateway.complete();
    gateway.signal('SIGTERM');
    await gateway.exited;
    expect(collector.spans.map(({ resource }) => resource['service.name'])).to.deep.equal(['edge', 'edge']);
  });

  it('are dropped and counted while their collector is gone, and the gateway stops in time', async () => {
    await collector.close();
    const gateway = await startGateway({ ...traced(), drain: { stop: '120s' } });
    expect((await gateway.complete()).status).to.equal(200);
    const dropped = () => gateway.metric('llm_trace_spans_dropped_total');
    await eventually('they are counted', async () => (await dropped()) === 2);
    expect((await gateway.complete()).status).to.equal(200);
    const before = performance.now();
    gateway.signal('SIGTERM');
    expect((await gateway.exited).code).to.equal(0);
    // Far from the drain's limit.
    expect(performance.now() - before).to.be.below(60_000);
    collector = await startCollector();
  });

  it('are turned on by a reload', async () => {
    const gateway = await startGateway(provider.config);
    gateway.writeConfig(traced());
    gateway.signal('SIGHUP');
    const arrive = async () => {
      await gateway.complete();
      return collector.spans.length > 0;
    };
    await eventually('spans arrive', arrive);
  });
});
