import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../src/providers/answer-facts.ts';

const nothing = { hasParts: false, reason: null, outputTokens: 0, hasStopSequences: false };

describe('an answer without content', () => {
  it('is empty where nothing explains it', () => {
    expect(isEmpty(nothing)).to.equal(true);
    expect(isEmpty({ ...nothing, reason: '' })).to.equal(true);
    expect(isEmpty({ ...nothing, reason: 'stop' })).to.equal(true);
  });

  for (const [why, facts] of [
    ['a part of any kind', { hasParts: true }],
    ['output tokens', { outputTokens: 1 }],
    ['a reason that is known', { reason: 'content_filter' }],
    ['a reason that is not known', { reason: 'PROHIBITED_CONTENT' }],
    ['the end of a turn', { reason: 'end_turn' }],
    ['a stop sequence', { reason: 'stop_sequence' }],
    ['a stop where the client named stop sequences', { reason: 'stop', hasStopSequences: true }],
  ] as const) {
    it(`is meant where there is ${why}`, () => {
      expect(isEmpty({ ...nothing, ...facts })).to.equal(false);
    });
  }
});
