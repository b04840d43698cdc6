/**
 * The choice of a target: circuits, cooldowns, probes, and the time that one target leaves for the next.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import { startPlane } from '../helpers/data-plane.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { errorOf, jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

describe('the choice of a target', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock();
    openai = await mock('openai');
  });
  afterEach(close);

  it('waits for a short cooldown when there is no other target', async () => {
    const { ask, count } = await start({ openai: openai.port }, { clock });
    openai.control.setFault({ kind: 'status', status: 429, retryAfter: 0.2, times: 1 });
    const asked = ask();
    await eventually('it is refused', () => count({ type: 'cooldown-started' }) === 1);
    clock.advance(199);
    expect(count({ type: 'retry' })).to.equal(0);
    clock.advance(1);
    expect((await asked).status).to.equal(200);
    expect(count({ type: 'retry', provider: 'openai' })).to.equal(1);
  });

  it('ends in a 429 with the shortest wait when every target cools down', async () => {
    const { ask, view, count } = await start({ openai: openai.port });
    view(
      [{ provider: 'openai', model: null, state: 'closed', remainingMs: 0 }],
      [{ provider: 'openai', key: 'default', model: 'gpt-4', remainingMs: 4_500, reason: 'rate_limited' }],
    );
    const response = await ask();
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([429, '5']);
    expect(response.headers.get('x-should-retry')).to.equal(null);
    expect(count({ type: 'rejected', reason: 'rate_limit' })).to.equal(1);
    expect(openai.control.stats().requests).to.equal(0);
  });

  it('ends in a 503 with the shortest wait when every circuit is open', async () => {
    const { ask, view, count } = await start({ openai: openai.port });
    view([{ provider: 'openai', model: null, state: 'open', remainingMs: 12_300 }]);
    const response = await ask();
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '13']);
    expect((await errorOf(response)).code).to.equal('circuit_open');
    expect(count({ type: 'circuit-rejection', provider: 'openai' })).to.equal(1);
    expect(count({ type: 'request-ended', provider: 'unknown', status: 'error' })).to.equal(1);
  });

  it('says of each target why it is left out, to the client, in the log and to the primary', async () => {
    const anthropic = await mock('anthropic');
    const { ask, view, logged, reported } = await start({ openai: openai.port, anthropic: anthropic.port });
    view(
      [{ provider: 'openai', model: null, state: 'open', remainingMs: 12_300 }],
      [{ provider: 'anthropic', key: 'default', model: null, remainingMs: 4_500, reason: 'auth' }],
    );
    const response = await ask();
    // A key that is refused does not come by waiting.
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '13']);
    const { code, message } = await errorOf(response);
    expect(code).to.equal('circuit_open');
    expect(message).to.equal(
      'No provider of this model is available: openai (circuit open for 13 s more), ' +
        "anthropic (refuses the gateway's key, asked again in 5 s).",
    );
    const leftOut = 'openai=circuit-open(13s), anthropic=key-refused(5s)';
    expect(JSON.parse(logged[0] ?? '')).to.include({ code, attempts: '', leftOut });
    await eventually('the primary is told', () => reported.length === 1);
    expect(reported[0]).to.include({ code, trail: '', leftOut });
  });

  it('says why the other target was left out when the only one that could be asked has failed', async () => {
    const anthropic = await mock('anthropic');
    const { ask, view, logged } = await start({ openai: openai.port, anthropic: anthropic.port });
    openai.control.setFault({ kind: 'status', status: 500 });
    view([], [{ provider: 'anthropic', key: 'default', model: null, remainingMs: 4_500, reason: 'auth' }]);
    expect((await errorOf(await ask())).code).to.equal('provider_error');
    expect(JSON.parse(logged[0] ?? '').leftOut).to.match(/^anthropic=key-refused\(\ds\)$/);
  });

  it('skips an open circuit and does not count that as a failover', async () => {
    const anthropic = await mock('anthropic');
    const { ask, view, count } = await start({ openai: openai.port, anthropic: anthropic.port });
    view([{ provider: 'openai', model: null, state: 'open', remainingMs: 60_000 }]);
    expect((await ask()).headers.get('x-headgate-provider')).to.equal('anthropic');
    expect([count({ type: 'failover' }), count({ type: 'circuit-rejection', provider: 'openai' })]).to.deep.equal([
      0, 1,
    ]);
  });

  it('sends a probe to a half-open circuit, with its lease', async () => {
    const { ask, view, events } = await start({ openai: openai.port });
    view([{ provider: 'openai', model: null, state: 'half-open', remainingMs: 0 }]);
    expect((await ask()).status).to.equal(200);
    expect(events.find((event) => event.type === 'attempt-ended')).to.include({ lease: 7, verdict: 'success' });
    const response = await ask({ stream: true });
    await response.text();
    expect(events.find((event) => event.type === 'probe-succeeded')).to.include({ lease: 7, provider: 'openai' });
  });

  it('ends in a 429 with the rest of the cooldown after an exhausted quota, and says not to retry', async () => {
    const port = await provider((_request, response) => {
      response.writeHead(429, jsonHeaders);
      response.end(
        '{"error":{"message":"spent","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}',
      );
    });
    const { ask } = await start({ openai: port });
    for (const round of ['first', 'second']) {
      const response = await ask();
      expect(response.status, round).to.equal(429);
      expect(Number(response.headers.get('retry-after')), round).to.be.within(290, 300);
      expect(response.headers.get('x-should-retry'), round).to.equal('false');
    }
  });

  it('ends in provider_auth, not in a rate limit, while a refused key cools down', async () => {
    const port = await provider((_request, response) => response.writeHead(401, jsonHeaders).end('{}'));
    const { ask } = await start({ openai: port });
    for (const round of ['asked', 'cooling-down']) {
      const response = await ask();
      const { error } = (await response.json()) as { error: { code: string } };
      expect([response.status, error.code], round).to.deep.equal([502, 'provider_auth']);
    }
  });

  it('leaves a plain request time for the next target when the first provider hangs', async () => {
    const hanging = await provider(() => clock.advance(300));
    const anthropic = await provider((_request, response) => {
      response.writeHead(200, jsonHeaders);
      const message = {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'c',
        content: [{ type: 'text', text: 'hi' }],
      };
      const usage = { input_tokens: 1, output_tokens: 1 };
      response.end(JSON.stringify({ ...message, stop_reason: 'end_turn', stop_sequence: null, usage }));
    });
    const { ask, count } = await start({ openai: hanging, anthropic, timeouts: { totalMs: 600 } }, { clock });
    const response = await ask();
    expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'anthropic']);
    expect(
      count({ type: 'attempt-ended', provider: 'openai', outcome: 'timeout_headers', verdict: 'failure' }),
    ).to.equal(1);
  });

  it('gives a plain request all of its time where the next target is left out, and asks only once', async () => {
    const slow = await provider((_request, response) => {
      clock.advance(500);
      response.writeHead(200, jsonHeaders).end(plainAnswer);
    });
    const anthropic = await mock('anthropic');
    const options = { openai: slow, anthropic: anthropic.port, timeouts: { totalMs: 800 } };
    const { ask, view, count } = await start(options, { clock });
    view([{ provider: 'anthropic', model: null, state: 'open', remainingMs: 60_000 }]);
    const response = await ask();
    expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'openai']);
    expect(count({ type: 'attempt-ended', provider: 'openai' })).to.equal(1);
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  it('blames no target for the little time that one before it has left', async () => {
    const hanging = await provider(() => clock.advance(420));
    const slow = await provider(() => clock.advance(200));
    const config = testConfig({ openai: hanging, timeouts: { totalMs: 800 } });
    const [target] = config.models['gpt-4']?.targets ?? [];
    const { openai: first } = config.providers;
    if (target === undefined || first === undefined) throw new Error('the configuration has another form');
    const others = [slow, openai.port].map((port, index) => {
      return { ...first, name: `other-${index}`, baseUrl: `http://127.0.0.1:${port}/v1` };
    });
    const targets = [target, ...others.map(({ name }) => ({ ...target, provider: name }))];
    const providers = { openai: first, ...Object.fromEntries(others.map((other) => [other.name, other])) };
    const models = { 'gpt-4': testModel('gpt-4', targets) };
    const gateway = await startPlane({ ...config, providers, models }, { clock });
    try {
      const response = await gateway.ask();
      expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'other-1']);
      const ended = { type: 'attempt-ended', outcome: 'timeout_headers' } as const;
      expect(gateway.count({ ...ended, provider: 'openai', verdict: 'failure' })).to.equal(1);
      expect(gateway.count({ ...ended, provider: 'other-0', verdict: 'neutral' })).to.equal(1);
    } finally {
      await gateway.close();
    }
  });
});
