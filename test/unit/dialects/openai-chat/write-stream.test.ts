import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { BlockHead, HubAnswer, HubEvent } from '../../../../src/dialects/hub.ts';
import { answerEvents } from '../../../../src/dialects/hub-answer.ts';
import { ChatCollector } from '../../../../src/dialects/openai-chat/forms.ts';
import { writeAnswer } from '../../../../src/dialects/openai-chat/write-answer.ts';
import { ChunkWriter } from '../../../../src/dialects/openai-chat/write-stream.ts';
import { asArray, asRecord } from '../../../../src/shared/json.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { answers } from '../hub-values.ts';

const context = answerContext({ includeUsage: true });

/** The events that a client gets of these. */
function written(...events: readonly HubEvent[]) {
  const writer = new ChunkWriter(context);
  return new SseSplitter().push(Buffer.concat(events.map((event) => writer.write(event))));
}

/** The first choice of each chunk. */
function deltas(...events: readonly HubEvent[]) {
  const chunks = written(...events).map(({ data }) => asRecord(JSON.parse(data ?? '')));
  return chunks.map((chunk) => asRecord(asArray(chunk?.choices)[0])?.delta);
}

const open = (block: number, head: BlockHead): HubEvent => ({ type: 'open', block, head });
const delta = (block: number, text: string): HubEvent => ({ type: 'delta', block, text });
const call = (callId: string, by: 'client' | 'provider' = 'client'): BlockHead => ({
  type: 'call',
  callId,
  name: 'f',
  by,
});

describe('the chunks of an answer in the neutral form', () => {
  it('have each text in its field, whatever comes between', () => {
    const pieces = deltas(
      open(0, { type: 'reasoning', form: 'summary' }),
      open(1, { type: 'text' }),
      delta(1, 'a'),
      delta(0, 'hm'),
      open(2, { type: 'refusal' }),
      delta(2, 'no'),
      delta(1, ''),
      { type: 'close', block: 1 },
    );
    expect(pieces).to.deep.equal([{ content: 'a' }, { reasoning_content: 'hm' }, { refusal: 'no' }]);
  });

  it('number the calls of tools from 0, and interleave their pieces as they come', () => {
    const pieces = deltas(
      open(0, { type: 'text' }),
      open(1, call('a')),
      open(2, call('server', 'provider')),
      open(3, call('b')),
      delta(3, '{'),
      delta(2, '{"q":1}'),
      delta(1, '{}'),
      delta(3, '}'),
    );
    const begin = (index: number, id: string) => ({
      tool_calls: [{ index, id, type: 'function', function: { name: 'f', arguments: '' } }],
    });
    const piece = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    expect(pieces).to.deep.equal([begin(0, 'a'), begin(1, 'b'), piece(1, '{'), piece(0, '{}'), piece(1, '}')]);
  });

  it('have nothing of what this dialect cannot express', () => {
    const foreign: BlockHead = { type: 'foreign', of: 'x', name: 'y', value: {}, refusal: null };
    const attachment = { type: 'signature', of: 'x', data: 's' } as const;
    expect(
      written(open(0, foreign), delta(0, 'x'), { type: 'attach', block: 0, attachment }, delta(9, 'x')),
    ).to.deep.equal([]);
  });

  it('are, put together, what the whole answer is written as', () => {
    const filled = answers.filter(({ finish }) => finish !== null);
    fc.assert(
      fc.property(filled, (answer: HubAnswer) => {
        const collector = new ChatCollector();
        for (const event of written(...answerEvents(answer))) if (event.data !== '[DONE]') collector.push(event);
        const whole = JSON.parse(JSON.stringify(writeAnswer(answer, context)));
        const collected = JSON.parse(collector.body().toString());
        const [one, other] = [collected, whole].map(({ choices: [choice], ...rest }) => ({
          ...rest,
          finish_reason: choice.finish_reason,
          content: choice.message.content || null,
          refusal: choice.message.refusal ?? null,
          reasoning: choice.message.reasoning_content ?? null,
          calls: choice.message.tool_calls ?? [],
        }));
        expect(one).to.deep.equal(other);
      }),
    );
  });
});
