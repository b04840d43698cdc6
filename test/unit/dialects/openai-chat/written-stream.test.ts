/** What `ChunkWriter` writes, `ChunkReader` reads: whatever chat can say, and nothing else. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { BlockHead, HubEvent } from '../../../../src/dialects/hub.ts';
import { answerEvents } from '../../../../src/dialects/hub-answer.ts';
import { readAnswer } from '../../../../src/dialects/openai-chat/read-answer.ts';
import { writeAnswer } from '../../../../src/dialects/openai-chat/write-answer.ts';
import { ChunkWriter } from '../../../../src/dialects/openai-chat/write-stream.ts';
import type { AnswerContext } from '../../../../src/dialects/types.ts';
import { asRecord } from '../../../../src/shared/json.ts';
import { collected, expectOrder, readBytes } from './read-chunks.ts';

const context: AnswerContext = { model: 'asked-for', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };

describe('a stream that was written as chunks', () => {
  it('reads as the answer that was written, for any legal events', () => {
    fc.assert(
      fc.property(legalEvents, (events) => {
        const writer = new ChunkWriter(context);
        const read = readBytes(Buffer.concat(events.map((event) => writer.write(event))));
        expectOrder(read);
        const { choices, usage, model } = writeAnswer(collected(events), context);
        const again = writeAnswer(collected(read), context);
        expect(again.model).to.equal(model);
        expect(again.usage).to.deep.equal(usage);
        const [first] = choices;
        const hasCalls = first?.message.tool_calls !== undefined;
        // This dialect has one word for both.
        const reason = hasCalls && first?.finish_reason === 'stop' ? 'tool_calls' : first?.finish_reason;
        expect(again.choices).to.deep.equal([{ ...first, finish_reason: reason }]);
      }),
    );
  });

  it('reads as the whole answer does', () => {
    fc.assert(
      fc.property(legalEvents, (events) => {
        const whole = writeAnswer(collected(events), context);
        const writer = new ChunkWriter(context);
        const written = answerEvents(collected(events)).map((event) => writer.write(event));
        const again = writeAnswer(readAnswer(asRecord(JSON.parse(JSON.stringify(whole))) ?? {}), context);
        const { choices, usage } = writeAnswer(collected(readBytes(Buffer.concat(written))), context);
        expect({ choices, usage }).to.deep.equal({ choices: again.choices, usage: again.usage });
      }),
    );
  });
});

const text = fc.string({ unit: 'binary', maxLength: 4 });
const count = fc.nat(1000);
const head = fc.oneof(
  fc.constant({ type: 'text' } as const),
  fc.constant({ type: 'refusal' } as const),
  fc.constant({ type: 'reasoning', form: 'raw' } as const),
  fc.record({
    type: fc.constant('call' as const),
    callId: fc.string({ minLength: 1, maxLength: 4 }),
    name: fc.string({ minLength: 1, maxLength: 4 }),
    by: fc.constant('client' as const),
  }),
);
const usage = fc
  .record({ input: count, output: count, cacheRead: count, reasoning: count })
  .map((counts) => ({ ...counts, output: counts.output + counts.reasoning, cacheWrite: 0 }));
const finish = fc.record({
  reason: fc.constantFrom('stop', 'length', 'calls', 'filtered', 'context-length', 'pause', 'other' as const),
  raw: fc.constant('end_turn'),
  stopSequence: fc.constant(null),
});

/** The id of a call is unique. */
function withOwnId<Head extends BlockHead>(head: Head, at: number): Head {
  return head.type === 'call' ? { ...head, callId: `${head.callId}${at}` } : head;
}

/**
 * Streams that chat can say: blocks open one after another, and the pieces of calls and of the last text of each kind
 * come in any order.
 */
const legalEvents: fc.Arbitrary<HubEvent[]> = fc
  .record({
    start: fc.record({ type: fc.constant('start' as const), id: text, model: fc.string({ minLength: 1 }) }),
    heads: fc.array(head, { maxLength: 5 }).map((heads) => heads.map(withOwnId)),
    pieces: fc.array(fc.record({ block: fc.nat(4), text }), { maxLength: 12 }),
    finish,
    usage,
  })
  .map(({ start, heads, pieces, finish, usage }) => {
    const events: HubEvent[] = [start];
    for (const [block, head] of heads.entries()) {
      events.push({ type: 'open', block, head });
      const types = heads.slice(0, block + 1).map(({ type }) => type);
      for (const piece of pieces.splice(0, 2)) {
        const wanted = piece.block % types.length;
        const last = types.lastIndexOf(types[wanted] ?? 'text');
        events.push({ type: 'delta', block: types[wanted] === 'call' ? wanted : last, text: piece.text });
      }
    }
    events.push(...heads.map((_, block) => ({ type: 'close', block }) as const));
    return [...events, { type: 'finish', finish }, { type: 'usage', usage }, { type: 'end' }];
  });
