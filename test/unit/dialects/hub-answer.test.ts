import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { HubAnswer, HubEvent } from '../../../src/dialects/hub.ts';
import { AnswerInProgress, answerEvents, factsOf } from '../../../src/dialects/hub-answer.ts';
import { answers } from './hub-values.ts';

/** The answer of these events. */
function collected(events: readonly HubEvent[]): HubAnswer {
  const growing = new AnswerInProgress();
  for (const event of events) growing.take(event);
  return growing.answer;
}

const nothing: HubAnswer = { id: null, model: null, blocks: [], finish: null, usage: null };
const text = (content: string) => ({ head: { type: 'text' }, text: content, attached: [] }) as const;

describe('an answer as events', () => {
  it('is the same answer when they are put together', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(collected(answerEvents(answer))).to.deep.equal(answer);
      }),
    );
  });

  it('begins with its start, ends with its end, and has no piece outside of an open block', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const events = answerEvents(answer);
        expect([events[0]?.type, events.at(-1)?.type]).to.deep.equal(['start', 'end']);
        const open = new Set<number>();
        for (const event of events) {
          if (event.type === 'open') open.add(event.block);
          else if (event.type === 'close') open.delete(event.block);
          else if ('block' in event) expect(open.has(event.block)).to.equal(true);
        }
        expect(open.size).to.equal(0);
      }),
    );
  });

  it('is the same whatever pieces its texts come in, and however its blocks interleave', () => {
    const pieces = fc.array(fc.record({ block: fc.nat(2), text: fc.string() }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (list) => {
        const opened: HubEvent[] = [0, 1, 2].map((block) => ({ type: 'open', block, head: { type: 'text' } }));
        const { blocks } = collected([...opened, ...list.map((piece) => ({ type: 'delta', ...piece }) as const)]);
        const joined = (wanted: number) =>
          list
            .filter(({ block }) => block === wanted)
            .map((piece) => piece.text)
            .join('');
        expect(blocks.map((block) => block.text)).to.deep.equal([0, 1, 2].map(joined));
      }),
    );
  });
});

describe('an answer in progress', () => {
  it('is what has come so far, and later events do not change what was given', () => {
    const growing = new AnswerInProgress();
    expect(growing.answer).to.deep.equal(nothing);
    growing.take({ type: 'start', id: 'a', model: null });
    growing.take({ type: 'open', block: 0, head: { type: 'text' } });
    growing.take({ type: 'delta', block: 0, text: 'hi' });
    const early = growing.answer;
    growing.take({ type: 'delta', block: 0, text: ' there' });
    growing.take({ type: 'attach', block: 0, attachment: { type: 'citation', of: 'x', data: '{}' } });
    expect(early).to.deep.equal({ ...nothing, id: 'a', blocks: [text('hi')] });
    expect(growing.answer.blocks[0]?.text).to.equal('hi there');
  });

  it('has the last counts, and leaves out the pieces of a block that did not open', () => {
    const usage = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const answer = collected([
      { type: 'usage', usage: { ...usage, output: 1 } },
      { type: 'delta', block: 3, text: 'lost' },
      { type: 'usage', usage },
    ]);
    expect(answer).to.deep.equal({ ...nothing, usage });
  });
});

describe('the facts of an answer', () => {
  it('are a part of any kind, but for texts without a character', () => {
    expect(factsOf({ ...nothing, blocks: [text('')] }).hasParts).to.equal(false);
    expect(factsOf({ ...nothing, blocks: [text(''), text('x')] }).hasParts).to.equal(true);
    const hidden = { head: { type: 'reasoning', form: 'hidden' }, text: '', attached: [] } as const;
    expect(factsOf({ ...nothing, blocks: [hidden] }).hasParts).to.equal(true);
  });

  it("are the reason in the provider's own word, and the counts", () => {
    const usage = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const finish = { reason: 'other', raw: 'eos', stopSequence: null } as const;
    expect(factsOf({ ...nothing, finish, usage })).to.deep.equal({ hasParts: false, reason: 'eos', usage });
    expect(factsOf(nothing)).to.deep.equal({ hasParts: false, reason: null, usage: null });
  });
});
