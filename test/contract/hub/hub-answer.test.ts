/** Events and whole answers of the neutral form say the same. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { answerEvents } from '../../../src/dialects/hub-answer.ts';
import { assertLegal, collected, legalEvents } from '../../helpers/hub-events.ts';

describe('the events of an answer', () => {
  it('make the same answer as the events of what they make', () => {
    fc.assert(
      fc.property(legalEvents, (events) => {
        assertLegal(events);
        const answer = collected(events);
        const again = answerEvents(answer);
        assertLegal(again);
        expect(collected(again)).to.deep.equal(answer);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lose nothing: each text, attachment, head and last count is in the answer', () => {
    fc.assert(
      fc.property(legalEvents, (events) => {
        const { blocks, finish, usage } = collected(events);
        const of = <Type extends string>(type: Type) =>
          events.filter((event): event is Extract<typeof event, { type: Type }> => event.type === type);
        expect(blocks.map(({ head }) => head)).to.deep.equal(of('open').map(({ head }) => head));
        for (const [number, { text, attached }] of blocks.entries()) {
          const texts = of('delta').filter(({ block }) => block === number);
          expect(text).to.equal(texts.map((delta) => delta.text).join(''));
          const attachments = of('attach').filter(({ block }) => block === number);
          expect(attached).to.deep.equal(attachments.map(({ attachment }) => attachment));
        }
        expect(finish).to.deep.equal(of('finish')[0]?.finish ?? null);
        expect(usage).to.deep.equal(of('usage').at(-1)?.usage ?? null);
      }),
      { numRuns: 1_000 },
    );
  });
});
