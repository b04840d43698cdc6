import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  canRefrainFromThinking,
  hasMediumLevel,
  hasMinimalLevel,
  needsSignatures,
  takesMediaOfTools,
  thinkingIn,
} from '../../../src/dialects/gemini-models.ts';

describe('what models of Gemini’s take', () => {
  it('is told by their names, wherever these stand in a longer one', () => {
    const ways = {
      'gemini-1.5-pro-002': 'nothing',
      'gemini-2.0-flash': 'nothing',
      'gemini-2.5-flash-lite': 'tokens',
      'google/gemini-2.5-pro': 'tokens',
      'gemini-robotics-er-1.5-preview': 'tokens',
      'gemini-3-pro-preview': 'level',
      'publishers/google/models/gemini-3.8-flash': 'level',
      'gemini-10-flash': 'level',
      // The newest of its kind.
      'gemini-flash-latest': 'level',
      'gemma-3-27b-it': 'nothing',
      'my-gemini-3': 'nothing',
      'gpt-4o': 'nothing',
    } as const;
    for (const [model, way] of Object.entries(ways)) {
      expect(thinkingIn(model), model).to.equal(way);
      expect(needsSignatures(model), model).to.equal(way === 'level');
      expect(takesMediaOfTools(model), model).to.equal(way === 'level');
    }
  });

  it('is not thinking for some, and a lowest or a middle level for others', () => {
    const yes = (test: (model: string) => boolean, ...models: string[]) => models.map(test);
    expect(yes(canRefrainFromThinking, 'gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3.8-flash')).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(
      yes(hasMinimalLevel, 'gemini-3-flash-preview', 'gemini-3.5-flash-lite', 'gemini-3.9-flash-lite'),
    ).to.deep.equal([true, true, true]);
    expect(yes(hasMinimalLevel, 'gemini-3.8-flash', 'gemini-3.1-pro-preview', 'gemini-flash-latest')).to.deep.equal([
      false,
      false,
      false,
    ]);
    expect(yes(hasMediumLevel, 'gemini-3-pro-preview', 'gemini-3.1-pro-preview', 'gemini-3.8-flash')).to.deep.equal([
      false,
      true,
      true,
    ]);
  });
});
