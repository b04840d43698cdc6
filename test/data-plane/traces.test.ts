/** Traces as a collector gets them, and what of them crosses to clients and providers. */
import type http from 'node:http';
import { hostname } from 'node:os';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { TracingConfig } from '../../src/shared/tracing.ts';
import { type Collector, startCollector } from '../helpers/collector.ts';
import { testConfig } from '../helpers/test-config.ts';
import {
  chatRequest,
  contentEvent,
  jsonHeaders,
  openStream,
  plainAnswer,
  planeFixture,
  sendRequest,
} from './plane-fixture.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const clientSpan = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${clientSpan}-01`;
const usage = '"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}';
const answered = plainAnswer.replace(/}$/, `,${usage}}`);

describe('the traces of requests', () => {
  const { provider, start, close } = planeFixture();
  let collector: Collector | null = null;
  afterEach(async () => {
    await close();
    await collector?.close();
    collector = null;
  });

  const settings = (more: Partial<TracingConfig> = {}): TracingConfig => ({
    ...{ sample: 1, headers: {}, serviceName: 'headgate', conventions: 'v1.41' },
    endpoint: collector?.endpoint ?? '',
    ...more,
  });
  const traced = async (
    listener: http.RequestListener,
    more: Partial<TracingConfig> = {},
    options: Partial<Parameters<typeof testConfig>[0]> = {},
  ) => {
    collector = await startCollector();
    const got: http.IncomingHttpHeaders[] = [];
    const openai = await provider((incoming, outgoing) => {
      got.push(incoming.headers);
      listener(incoming, outgoing);
    });
    const gateway = await start({ openai, tracing: settings(more), ...options });
    const ask = async (fields: object = {}, headers: object = {}) => {
      const answer = await gateway.ask(
        {},
        { headers: { ...jsonHeaders, ...headers }, body: chatRequest({ ...fields }) },
      );
      await answer.text();
      return answer;
    };
    /** All spans, when the gateway has sent what it has. */
    const spans = async () => {
      await gateway.plane.drain(0);
      return collector?.spans ?? [];
    };
    return { gateway, ask, spans, got };
  };

  it('have a span for the request and one for its attempt, below that of the client', async () => {
    const { ask, spans, got } = await traced((_incoming, outgoing) => outgoing.end(answered));
    await ask({}, { traceparent, tracestate: 'vendor=1', 'x-request-id': 'r1' });
    const [attempt, request] = await spans();
    expect(request).to.deep.include({
      name: 'POST chat_completions',
      kind: 'server',
      traceId,
      parentSpanId: clientSpan,
    });
    expect(attempt).to.deep.include({ name: 'chat gpt-4', kind: 'client', traceId, parentSpanId: request?.spanId });
    expect(got[0]?.traceparent).to.equal(`00-${traceId}-${attempt?.spanId}-01`);
    expect(got[0]?.tracestate).to.equal('vendor=1');
    expect(request?.attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4',
      'http.response.status_code': 200,
      'headgate.request_id': 'r1',
      'headgate.endpoint': 'chat_completions',
      'headgate.outcome': 'success',
      'headgate.provider': 'openai',
      'headgate.attempts': 'openai=200',
    });
    const port = attempt?.attributes['server.port'];
    expect(port).to.be.a('number');
    expect(attempt?.attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4',
      'server.address': '127.0.0.1',
      'server.port': port,
      'headgate.provider': 'openai',
      'headgate.attempt': 1,
      'headgate.outcome': 'success',
      'http.response.status_code': 200,
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 3,
    });
    expect(request?.resource).to.include({ 'service.name': 'headgate', 'headgate.worker': '0' });
  });

  it('tell gateways of several hosts apart, with what the environment says of each', async () => {
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'k8s.pod.name=gateway-1,service.name=other';
    try {
      const { ask, spans } = await traced((_incoming, outgoing) => outgoing.end(answered));
      await ask();
      const [span] = await spans();
      expect(span?.resource).to.deep.equal({
        'service.name': 'headgate',
        'service.instance.id': `${hostname()}:${process.pid}`,
        'host.name': hostname(),
        'k8s.pod.name': 'gateway-1',
        'headgate.worker': '0',
      });
    } finally {
      delete process.env.OTEL_RESOURCE_ATTRIBUTES;
    }
  });

  it('say which attempts failed and why, and who has to act', async () => {
    const { ask, spans } = await traced(
      (_incoming, outgoing) => outgoing.writeHead(500).end('{}'),
      {},
      {
        retry: { attempts: 2 },
      },
    );
    expect((await ask()).status).to.equal(502);
    const [first, second, request] = await spans();
    for (const [attempt, number] of [
      [first, 1],
      [second, 2],
    ] as const) {
      expect(attempt?.isError).to.equal(true);
      expect(attempt?.attributes).to.include({
        ...{ 'error.type': 'server_error', 'http.response.status_code': 500, 'headgate.attempt': number },
      });
    }
    expect(request?.isError).to.equal(true);
    expect(request?.attributes).to.include({ 'error.type': 'provider_error', 'headgate.owner': 'provider' });
    expect(request?.attributes['headgate.attempts']).to.match(/^openai=500\(\d+ms\), openai=500\(\d+ms\)$/);
  });

  it('take no mistake of a client for an error of the gateway', async () => {
    const { ask, spans } = await traced((_incoming, outgoing) => outgoing.end(answered));
    await ask({ model: 'the text of a prompt' });
    const [request, ...others] = await spans();
    expect(others).to.deep.equal([]);
    expect(request?.isError).to.equal(false);
    expect(request?.attributes).to.include({ 'error.type': 'model_not_found', 'headgate.owner': 'client' });
    expect(JSON.stringify(request)).not.to.include('prompt');
  });

  it('say that a client has left, which is no error of the gateway nor of its provider', async () => {
    const { gateway, spans } = await traced((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(contentEvent);
    });
    const answer = await openStream(gateway.url);
    answer.client.destroy();
    await eventually('it is noticed', () => gateway.count({ type: 'request-ended', status: 'success' }) === 1);
    const client = sendRequest(gateway.url);
    await eventually('the provider is asked', () => gateway.plane.inFlight() === 1);
    client.destroy();
    await eventually('it is noticed', () => gateway.plane.inFlight() === 0);
    const [committed, request, unsent, before] = await spans();
    for (const [span, status] of [
      [request, 200],
      [before, 499],
    ] as const) {
      expect(span?.isError).to.equal(false);
      expect(span?.attributes).to.include({
        ...{ 'headgate.outcome': 'client_gone', 'error.type': 'client_gone', 'http.response.status_code': status },
      });
      expect(span?.attributes).not.to.have.any.keys('headgate.owner', 'headgate.code');
    }
    for (const attempt of [committed, unsent]) {
      expect(attempt?.isError).to.equal(false);
      expect(attempt?.attributes).to.include({ 'headgate.outcome': 'client_gone' });
      expect(attempt?.attributes).not.to.have.property('error.type');
    }
  });

  it('of a stream have its first content and its tokens', async () => {
    const events = `${contentEvent.replace('null', '"stop"')}data: {"choices":[],${usage}}\n\ndata: [DONE]\n\n`;
    const { ask, spans } = await traced((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
    });
    await ask({ stream: true });
    const [attempt, request] = await spans();
    expect(attempt?.attributes).to.include({ 'gen_ai.request.stream': true, 'gen_ai.usage.output_tokens': 3 });
    expect(attempt?.attributes['gen_ai.response.time_to_first_chunk']).to.be.within(0, 2);
    expect(request?.attributes['gen_ai.request.stream']).to.equal(true);
  });

  it('have the names of the conventions that are configured', async () => {
    const { ask, spans } = await traced((_incoming, outgoing) => outgoing.end(answered), { conventions: 'v1.36' });
    await ask();
    const [attempt] = await spans();
    expect(attempt?.attributes).to.include({ 'gen_ai.system': 'openai' });
    expect(attempt?.attributes).not.to.have.property('gen_ai.provider.name');
  });

  it('hold neither prompts nor keys, and are sent with the configured headers', async () => {
    const secret = 'canary-of-the-collector';
    const { ask, spans, gateway } = await traced((_incoming, outgoing) => outgoing.end(answered), {
      headers: { authorization: secret },
    });
    await ask({ messages: [{ role: 'user', content: 'CANARY of a prompt' }] });
    const text = JSON.stringify(await spans());
    expect(text).not.to.include('CANARY').and.not.include('key-of-openai').and.not.include(secret);
    expect(collector?.exports[0]?.authorization).to.equal(secret);
    expect(gateway.warned).to.deep.equal([]);
  });

  it('follow the decision of the client, and else the configured share', async () => {
    const { ask, spans, got } = await traced((_incoming, outgoing) => outgoing.end(answered), { sample: 0 });
    await ask();
    await ask({}, { traceparent: traceparent.replace(/01$/, '00') });
    await ask({}, { traceparent });
    expect(await spans()).to.have.length(2);
    expect(got.map((headers) => String(headers.traceparent).slice(-2))).to.deep.equal(['00', '00', '01']);
    expect(got[1]?.traceparent).to.match(new RegExp(`^00-${traceId}-(?!${clientSpan})`));
  });

  it('begin anew where the client names no valid one, whose state is left out then', async () => {
    const { ask, spans, got } = await traced((_incoming, outgoing) => outgoing.end(answered));
    await ask({}, { traceparent: `00-${traceId}-0000000000000000-01`, tracestate: 'vendor=1' });
    const [attempt] = await spans();
    expect(attempt?.traceId).not.to.equal(traceId);
    expect(got[0]?.traceparent).to.equal(`00-${attempt?.traceId}-${attempt?.spanId}-01`);
    expect(got[0]).not.to.have.property('tracestate');
  });

  it('cost spans alone while the collector is gone, which are counted, with one line', async () => {
    const { ask, gateway } = await traced((_incoming, outgoing) => outgoing.end(answered));
    collector?.answer(400);
    for (let request = 0; request < 3; request += 1) expect((await ask()).status).to.equal(200);
    await gateway.plane.drain(0);
    await eventually('all are counted', () => gateway.count({ type: 'spans-dropped', count: 6 }) === 1);
    expect(gateway.warned).to.deep.equal(['traces do not arrive: spans are dropped']);
  });

  it('are turned off and on by a reload', async () => {
    const { ask, spans, gateway, got } = await traced((_incoming, outgoing) => outgoing.end(answered));
    await ask({}, { traceparent });
    const port = Number(got[0]?.host?.split(':')[1]);
    gateway.plane.reconfigure(testConfig({ openai: port }));
    await gateway.plane.traced();
    expect(collector?.spans).to.have.length(2);
    await ask({}, { traceparent, tracestate: 'vendor=1' });
    // The client's own, as it came.
    expect(got[1]).to.include({ traceparent, tracestate: 'vendor=1' });
    gateway.plane.reconfigure(testConfig({ openai: port, tracing: settings() }));
    await gateway.plane.traced();
    await ask();
    expect(await spans()).to.have.length(4);
  });
});
