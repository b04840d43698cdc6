import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../src/dialects/answer-facts.ts';

const nothing = { hasParts: false, reason: null, usage: null };
const counted = (output: number) => ({ input: 1, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });

describe('an answer without content', () => {
  it('is empty where nothing explains it', () => {
    expect(isEmpty(nothing, true)).to.equal(true);
    expect(isEmpty({ ...nothing, reason: '' }, true)).to.equal(true);
    expect(isEmpty({ ...nothing, reason: 'stop' }, false)).to.equal(true);
    expect(isEmpty({ ...nothing, usage: counted(0) }, true)).to.equal(true);
  });

  for (const [why, facts] of [
    ['a part of any kind', { hasParts: true }],
    ['output tokens', { usage: counted(1) }],
    ['a reason that is known', { reason: 'content_filter' }],
    ['a reason that is not known', { reason: 'PROHIBITED_CONTENT' }],
    ['the end of a turn', { reason: 'end_turn' }],
    ['a stop sequence', { reason: 'stop_sequence' }],
  ] as const) {
    it(`is meant where there is ${why}`, () => {
      expect(isEmpty({ ...nothing, ...facts }, false)).to.equal(false);
    });
  }

  it('is meant where there is a stop and the client named stop sequences', () => {
    expect(isEmpty({ ...nothing, reason: 'stop' }, true)).to.equal(false);
  });

  for (const reason of [
    'MALFORMED_FUNCTION_CALL',
    'function_call_filter: MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'malformed_tool_use',
    'malformed_model_output',
  ]) {
    it(`is empty where its provider threw away what the model made, whatever it counts: ${reason}`, () => {
      expect(isEmpty({ ...nothing, reason, usage: counted(20) }, true)).to.equal(true);
      expect(isEmpty({ ...nothing, reason, hasParts: true }, true)).to.equal(false);
    });
  }
});
