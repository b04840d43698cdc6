import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { AttemptEnded } from '../../../../src/shared/events.ts';
import type { WorkerMessage } from '../../../../src/shared/ipc.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { jsonOf, requestEnded, total } from '../../../helpers/numbers.ts';

type EventsMessage = Extract<WorkerMessage, { type: 'events' }>;

/** An outbox with a pipe that takes messages only when `take` is called. */
function outboxOverPipe() {
  const registry = new Registry();
  const clock = new ManualClock();
  const messages: EventsMessage[] = [];
  const callbacks: ((error: Error | null) => void)[] = [];
  const outbox = new Outbox({
    metrics: createMetrics(registry),
    clock,
    send: (message, done) => {
      messages.push(message);
      callbacks.push(done);
    },
  });
  const released: string[] = [];
  return {
    outbox,
    clock,
    messages,
    registry,
    released,
    release: (name: string) => () => {
      released.push(name);
    },
    /** Makes the pipe take this number of the sent messages. */
    take: (count = callbacks.length, error: Error | null = null) => {
      for (const done of callbacks.splice(0, count)) done(error);
    },
    /** Fills the pipe until events are dropped. */
    fill: async () => {
      for (let sends = 0; sends < 256; sends += 1) {
        outbox.push({ type: 'retry', provider: 'openai' });
        await turn();
      }
    },
  };
}

function attempt(parts: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    type: 'attempt-ended',
    provider: 'openai',
    outcome: 'server_error',
    seconds: 0.25,
    model: 'm',
    verdict: 'failure',
    request: 1,
    attempt: 1,
    ...parts,
  };
}

describe('Outbox', () => {
  it('sends the events of one turn as one numbered message', async () => {
    const { outbox, messages } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.push({ type: 'retry', provider: 'openai' });
    await turn();
    outbox.push(requestEnded());
    await turn();
    expect(messages.map(({ first, events }) => [first, events.length])).to.deep.equal([
      [1, 2],
      [3, 1],
    ]);
  });

  it('folds each event into the registry immediately', async () => {
    const { outbox, registry } = outboxOverPipe();
    outbox.push(requestEnded());
    expect(outbox.sequence).to.equal(1);
    expect(total(await jsonOf(registry), 'llm_requests_total')).to.equal(1);
  });

  it('releases a response in the callback of the send with its events, and not earlier', async () => {
    const { outbox, released, release, take } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    outbox.whenDelivered(release('b'));
    await turn();
    expect(released).to.deep.equal([]);
    take();
    expect(released).to.deep.equal(['a', 'b']);
  });

  it('waits for the last sent message if this turn has no events', async () => {
    const { outbox, released, release, take } = outboxOverPipe();
    outbox.push(requestEnded());
    await turn();
    outbox.push(requestEnded());
    await turn();
    outbox.whenDelivered(release('a'));
    take(1);
    expect(released).to.deep.equal([]);
    take(1);
    expect(released).to.deep.equal(['a']);
  });

  it('releases immediately if all events are delivered already', async () => {
    const { outbox, released, release, take } = outboxOverPipe();
    outbox.push(requestEnded());
    await turn();
    take();
    outbox.whenDelivered(release('a'));
    expect(released).to.deep.equal(['a']);
  });

  it('releases responses unconfirmed after 50 ms, and counts them', async () => {
    const { outbox, clock, messages, released, release, registry } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    outbox.whenDelivered(release('b'));
    await turn();
    clock.advance(49);
    await turn();
    expect(released).to.deep.equal([]);
    clock.advance(1);
    await turn();
    expect(released).to.deep.equal(['a', 'b']);
    expect(total(await jsonOf(registry), 'llm_unconfirmed_responses_total')).to.equal(2);
    await turn();
    expect(messages.at(-1)?.events).to.deep.equal([{ type: 'unconfirmed', responses: 2 }]);
  });

  it('gives each response its own 50 ms with one timer for all', async () => {
    const { outbox, clock, released, release } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    await turn();
    clock.advance(30);
    outbox.push(requestEnded());
    outbox.whenDelivered(release('b'));
    await turn();
    expect(clock.pending).to.equal(1);
    clock.advance(20);
    await turn();
    expect(released).to.deep.equal(['a']);
    clock.advance(29);
    await turn();
    expect(released).to.deep.equal(['a']);
    clock.advance(1);
    await turn();
    expect(released).to.deep.equal(['a', 'b']);
  });

  it('counts a response as confirmed if its callback runs in the same late turn as the timer', async () => {
    const { outbox, clock, released, release, take, registry } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    await turn();
    clock.advance(200);
    take();
    await turn();
    expect(released).to.deep.equal(['a']);
    expect(total(await jsonOf(registry), 'llm_unconfirmed_responses_total')).to.equal(0);
  });

  it('holds events back from the fold while the registry is read, but still sends them', async () => {
    const { outbox, messages } = outboxOverPipe();
    outbox.push(requestEnded());
    const resume = outbox.hold();
    outbox.push(requestEnded());
    outbox.push(requestEnded());
    expect(outbox.sequence).to.equal(1);
    await turn();
    expect(messages).to.have.length(1);
    expect(messages[0]?.events).to.have.length(3);
    resume();
    expect(outbox.sequence).to.equal(3);
  });

  it('drops events after 256 sends without callback, and reports their number when there is room', async () => {
    const { outbox, messages, registry, fill, take } = outboxOverPipe();
    await fill();
    outbox.push(requestEnded());
    outbox.push(requestEnded());
    await turn();
    expect(messages).to.have.length(256);
    take(1);
    await turn();
    expect(messages).to.have.length(257);
    expect(messages.at(-1)).to.deep.equal({
      type: 'events',
      first: 259,
      events: [{ type: 'events-dropped', count: 2 }],
    });
    const json = await jsonOf(registry);
    expect(total(json, 'llm_requests_total')).to.equal(2);
    expect(total(json, 'llm_events_dropped_total')).to.equal(2);
  });

  it('does not make a response wait for a callback that will not come', async () => {
    const { outbox, released, release, fill, registry } = outboxOverPipe();
    await fill();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    await turn();
    expect(released).to.deep.equal(['a']);
    expect(total(await jsonOf(registry), 'llm_unconfirmed_responses_total')).to.equal(1);
  });

  it('sums the circuit outcomes of dropped events, one per request and place, and apart by body', async () => {
    const { outbox, messages, fill, take } = outboxOverPipe();
    await fill();
    outbox.push(attempt({ request: 1, attempt: 1, providerVerdict: 'success' }));
    outbox.push(attempt({ request: 1, attempt: 2, providerVerdict: 'success' }));
    outbox.push(attempt({ request: 1, attempt: 3, targetAttempt: 1, model: 'n', providerVerdict: 'success' }));
    outbox.push(attempt({ request: 2, providerVerdict: 'success' }));
    outbox.push(attempt({ request: 5, body: 4711, providerVerdict: 'success' }));
    outbox.push(attempt({ request: 6, verdict: 'neutral', providerVerdict: 'failure' }));
    outbox.push(attempt({ request: 3, outcome: 'success', verdict: 'success' }));
    outbox.push(attempt({ request: 4, outcome: 'client_gone', verdict: 'neutral' }));
    await turn();
    take();
    await turn();
    expect(messages.at(-1)?.dropped).to.deep.equal([
      { provider: 'openai', model: null, verdict: 'success', body: null, count: 4 },
      { provider: 'openai', model: 'm', verdict: 'failure', body: null, count: 2 },
      { provider: 'openai', model: 'n', verdict: 'failure', body: null, count: 1 },
      { provider: 'openai', model: 'm', verdict: 'failure', body: 4711, count: 1 },
      { provider: 'openai', model: null, verdict: 'failure', body: null, count: 1 },
      { provider: 'openai', model: 'm', verdict: 'success', body: null, count: 1 },
    ]);
    outbox.push(requestEnded());
    await turn();
    expect(messages.at(-1)).not.to.have.property('dropped');
  });

  it('sends a dropped probe verdict and a cooldown with their own numbers when there is room', async () => {
    const { outbox, messages, fill, take } = outboxOverPipe();
    const probe = attempt({ lease: 7 });
    const cooldown = {
      type: 'cooldown-started',
      provider: 'openai',
      model: 'gpt-4',
      reason: 'rate_limited',
      retryAfterMs: null,
    } as const;
    await fill();
    outbox.push(probe);
    outbox.push(requestEnded());
    outbox.push(cooldown);
    await turn();
    take();
    await turn();
    expect(messages.slice(256)).to.deep.equal([
      { type: 'events', first: 257, events: [probe] },
      { type: 'events', first: 259, events: [cooldown] },
      { type: 'events', first: 260, events: [{ type: 'events-dropped', count: 1 }] },
    ]);
  });

  it('releases everything immediately when the primary is gone, and then only folds', async () => {
    const { outbox, messages, released, release, registry } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('sent'));
    await turn();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('not sent'));
    outbox.disconnected();
    expect(released).to.deep.equal(['sent', 'not sent']);
    outbox.push(requestEnded());
    outbox.whenDelivered(release('later'));
    expect(released.at(-1)).to.equal('later');
    await turn();
    expect(messages).to.have.length(1);
    expect(outbox.sequence).to.equal(3);
    expect(total(await jsonOf(registry), 'llm_unconfirmed_responses_total')).to.equal(0);
  });

  it('treats a failed send as the end of the channel', async () => {
    const { outbox, messages, released, release, take } = outboxOverPipe();
    outbox.push(requestEnded());
    outbox.whenDelivered(release('a'));
    await turn();
    take(1, new Error('EPIPE'));
    expect(released).to.deep.equal(['a']);
    outbox.push(requestEnded());
    await turn();
    expect(messages).to.have.length(1);
  });

  it('calls its watcher once per given number of events', async () => {
    const { outbox } = outboxOverPipe();
    const reached: number[] = [];
    outbox.watch(3, () => reached.push(outbox.sequence));
    for (let index = 0; index < 10; index += 1) {
      outbox.push(requestEnded());
      await turn();
    }
    expect(reached).to.deep.equal([3, 6, 9]);
  });

  it('closes when all events are delivered', async () => {
    const { outbox, messages, take } = outboxOverPipe();
    outbox.push(requestEnded());
    let closed = false;
    const closing = outbox.close().then(() => {
      closed = true;
    });
    expect(messages).to.have.length(1);
    await turn();
    expect(closed).to.equal(false);
    take();
    await closing;
    expect(closed).to.equal(true);
  });

  it('closes after a second if nobody reads', async () => {
    const { outbox, clock, messages } = outboxOverPipe();
    outbox.push(requestEnded());
    const closing = outbox.close();
    clock.advance(1000);
    await closing;
    expect(messages).to.have.length(1);
  });
});
