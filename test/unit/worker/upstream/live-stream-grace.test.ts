/** The time after the last finish reason, in which only usage and the terminal are missing. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ChatStream } from '../../../../src/dialects/openai-chat/watch.ts';
import { answerContext, codecOf } from '../../../helpers/codecs.ts';
import {
  committedRig,
  event,
  limits,
  makeRig,
  type Rig,
  ScriptedAnswer,
  TERMINAL,
  TICK_MS,
} from './live-stream-rig.ts';

const DONE = event('[DONE]');

const chunk = (delta: object, finish: string | null = null, index = 0) =>
  event(JSON.stringify({ choices: [{ index, delta, finish_reason: finish }] }));
const usage = event('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}');

/** A whole answer at its finish; `complete` is what its dialect makes of the end of the bytes. */
function finishedRig(): Rig {
  const rig = committedRig(new ScriptedAnswer({ complete: true, bytes: Buffer.from(TERMINAL), otherForm: false }));
  rig.send(event('finish stop'));
  return rig;
}

function chatRig(choices = 1): Rig {
  const rig = makeRig(new ChatStream({ choices, includeUsage: false }));
  rig.send(chunk({ content: 'hi' }));
  rig.attach();
  return rig;
}

describe('a live stream that has its finish reason', () => {
  it('is complete when its provider falls silent, which is no stall', () => {
    const { clock, reports, source } = finishedRig();
    clock.advance(limits.stallMs - TICK_MS);
    expect(reports).to.deep.equal([`write ${event('finish stop')}`]);
    clock.advance(TICK_MS);
    expect(reports.at(-1)).to.equal(`complete ${TERMINAL}`);
    expect(source).to.deep.equal(['resume']);
  });

  it('is complete when its connection breaks, whatever event is cut off by that', () => {
    for (const last of ['', 'data: meta']) {
      const { stream, send, reports } = finishedRig();
      send(last);
      stream.ended(new Error('reset'));
      expect(reports.at(-1)).to.equal(`complete ${TERMINAL}`);
    }
  });

  it('is cut when its connection breaks before the finish, for the reason that is known', () => {
    const { stream, sink, reports } = committedRig();
    const reset = new Error('reset');
    stream.ended(reset);
    expect(reports).to.deep.equal(['broken cut']);
    expect(sink.failures[0]?.cause).to.equal(reset);
  });

  it('waits anew after usage, and after content, which should not come', () => {
    for (const late of ['usage 5', 'content']) {
      const { clock, send, reports } = finishedRig();
      clock.advance(limits.stallMs - TICK_MS);
      send(event(late));
      clock.advance(limits.stallMs - TICK_MS);
      expect(reports.at(-1)).to.equal(`write ${event(late)}`);
      clock.advance(TICK_MS);
      expect(reports.at(-1)).to.equal(`complete ${TERMINAL}`);
    }
  });

  for (const late of [event('metadata'), event('usage 5'), event('finish stop'), event('nonsense'), ': waiting\n\n']) {
    it(`waits no longer, however often the same comes: ${JSON.stringify(late)}`, () => {
      const { clock, send, reports } = finishedRig();
      send(event('usage 5'));
      for (let passedMs = 0; passedMs < limits.stallMs; passedMs += TICK_MS) {
        expect(reports.at(-1)).not.to.include('complete');
        send(late);
        clock.advance(TICK_MS);
      }
      expect(reports.at(-1)).to.equal(`complete ${TERMINAL}`);
    });
  }

  it('is complete at once with an error event, or with bytes that can be no event', () => {
    const failed = finishedRig();
    failed.send(event('error'), event('metadata'));
    expect(failed.reports.slice(-2)).to.deep.equal([`write ${event('finish stop')}`, `complete ${TERMINAL}`]);
    const overflown = finishedRig();
    overflown.stream.data(Buffer.alloc(16 * 1024 * 1024 + 1, 'x'));
    expect(overflown.reports.at(-1)).to.equal(`complete ${TERMINAL}`);
  });

  it('passes nothing on that cannot be read, and takes the usage after it', () => {
    const { send, reports } = finishedRig();
    send(event('nonsense'), event('usage 5'), event('terminal'));
    expect(reports.slice(-2)).to.deep.equal([`write ${event('usage 5')}`, `complete ${TERMINAL}`]);
  });

  it('fails by an error event where it has no content, which that explains', () => {
    const { send, reports } = makeRig(new ScriptedAnswer({ complete: true, bytes: Buffer.alloc(0), otherForm: false }));
    send(event('finish stop'), event('error'));
    expect(reports).to.deep.equal(['refused error-event-529']);
  });

  it('leaves a client that does not read its own limit', () => {
    const { clock, send, sink, stream, reports } = finishedRig();
    sink.open = false;
    send(event('metadata'));
    clock.advance(limits.stallMs);
    expect(reports.at(-1)).to.equal('broken client-gone');
    stream.drained();
    expect(reports.at(-1)).to.equal('broken client-gone');
  });

  it('is an empty answer soon when it has no content', () => {
    const { clock, send, reports } = makeRig(
      new ScriptedAnswer({ complete: true, bytes: Buffer.alloc(0), otherForm: false }),
    );
    send(event('finish stop'));
    clock.advance(limits.stallMs);
    expect(reports).to.deep.equal(['refused empty']);
  });

  it('takes usage that comes in the meantime', () => {
    const { clock, stream, send, reports } = chatRig();
    send(chunk({}, 'stop'));
    clock.advance(limits.stallMs - TICK_MS);
    send(usage);
    clock.advance(limits.stallMs);
    expect(stream.usage).to.include({ input: 3, output: 4 });
    expect(reports.slice(-2)).to.deep.equal([`write ${usage}`, `complete ${DONE}`]);
  });

  it('waits for all of the answers that were asked for', () => {
    const { clock, send, reports } = chatRig(2);
    send(chunk({}, 'stop'));
    clock.advance(limits.stallMs);
    expect(reports.at(-1)).to.equal('broken timeout-stall');
    const both = chatRig(2);
    both.send(chunk({}, 'stop'), chunk({ content: 'ho' }, 'stop', 1));
    both.clock.advance(limits.stallMs);
    expect(both.reports.at(-1)).to.equal(`complete ${DONE}`);
  });

  it('is complete by its stop reason in the messages dialect, with the usage that it is owed', () => {
    const answer = codecOf('openai-chat', 'anthropic-messages').stream(answerContext({ includeUsage: true }));
    const { clock, send, sink, reports, attach } = makeRig(answer);
    const named = (payload: { type: string }) => `event: ${payload.type}\n${event(JSON.stringify(payload))}`;
    const delta = { type: 'text_delta', text: 'hi' };
    send(
      named(Object.assign({ type: 'message_start' }, { message: { id: 'a', usage: { input_tokens: 3 } } })),
      named(Object.assign({ type: 'content_block_delta' }, { index: 0, delta })),
    );
    attach();
    const stop = { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } };
    send(named(Object.assign({ type: 'message_delta' }, stop)));
    clock.advance(limits.stallMs - TICK_MS);
    send(named({ type: 'ping' }));
    clock.advance(TICK_MS);
    expect(sink.written.join('')).to.include('"finish_reason":"stop"');
    expect(reports.at(-1)).to.match(/^complete .*"completion_tokens":4.*\[DONE\]\n\n$/s);
  });
});

describe('a terminal that lacks its blank line', () => {
  it('ends the stream at once, also where the finish reason never came', () => {
    for (const text of ['data: [DONE]\n', 'data: [DONE]\r\n', 'data:[DONE]\r']) {
      const { send, reports } = chatRig();
      send(text);
      expect(reports.at(-1)).to.equal(`complete ${DONE}`);
    }
  });

  it('is not seen in what may still be another event', () => {
    for (const text of ['data: [DONE]', 'data: {"choices":[]}\n', ': [DONE]\n', 'event: message_stop\n']) {
      const { send, reports } = chatRig();
      const before = reports.length;
      send(text);
      expect(reports.length).to.equal(before);
    }
  });
});

describe('a first event of any size', () => {
  it('commits when it is larger than all that may be held, whatever it is', () => {
    for (const kind of ['metadata', 'finish stop']) {
      const { send, reports } = makeRig();
      send(event(`${kind} ${'x'.repeat(5 * 1024 * 1024)}`));
      expect(reports).to.deep.equal(['committed']);
    }
  });

  it('commits when it is content', () => {
    const { send, reports } = makeRig();
    send(event(`content ${'x'.repeat(8 * 1024 * 1024)}`));
    expect(reports).to.deep.equal(['committed']);
  });
});

describe('an answer in one piece', () => {
  it('is committed and complete in one step, with its own tokens', () => {
    const { stream, reports, attach } = makeRig();
    const tokens = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    stream.whole(Buffer.from(event('all of it')), Buffer.from(TERMINAL), {
      facts: { hasParts: true, reason: 'stop', usage: tokens },
    });
    attach();
    expect(reports).to.deep.equal(['committed', `write ${event('all of it')}`, `complete ${TERMINAL}`]);
    expect(stream.usage).to.equal(tokens);
  });

  it('comes too late when the stream has failed', () => {
    const { stream, reports } = makeRig();
    stream.fail({ fault: { kind: 'limit' } });
    stream.whole(Buffer.from(event('all of it')), Buffer.from(TERMINAL), {
      facts: { hasParts: true, reason: 'stop', usage: null },
    });
    expect(reports).to.deep.equal(['refused limit']);
  });
});
