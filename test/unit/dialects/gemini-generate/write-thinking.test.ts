import { expect } from 'chai';
import { describe, it } from 'mocha';
import { writeThinking } from '../../../../src/dialects/gemini-generate/write-thinking.ts';

const NEW = 'gemini-3.8-flash';
const PRO = 'gemini-3-pro-preview';
const LITE = 'gemini-3.5-flash-lite';
const OLD = 'gemini-2.5-flash';
const OLD_PRO = 'gemini-2.5-pro';
const NONE = 'gemini-2.0-flash';

const nothing = { effort: null, thinking: null, summary: null };
const effort = (value: string) => ({ ...nothing, effort: { value, at: 'reasoning_effort' } });
const thinking = (value: object) => ({ ...nothing, thinking: { value: { ...value }, at: 'thinking' } });

describe('how much a model of Gemini’s thinks', () => {
  it('is its own affair if the client says nothing', () => {
    for (const model of [NEW, OLD, NONE])
      expect(writeThinking(nothing, model)).to.deep.equal({ config: null, dropped: [] });
  });

  it('is a level, or tokens for older models; what there is not is named', () => {
    const rows = [
      ['minimal', NEW, { thinkingLevel: 'LOW' }, true],
      ['minimal', LITE, { thinkingLevel: 'MINIMAL' }, false],
      ['low', NEW, { thinkingLevel: 'LOW' }, false],
      ['medium', NEW, { thinkingLevel: 'MEDIUM' }, false],
      ['medium', PRO, { thinkingLevel: 'HIGH' }, true],
      ['high', NEW, { thinkingLevel: 'HIGH' }, false],
      ['max', NEW, { thinkingLevel: 'HIGH' }, true],
      ['none', NEW, { thinkingLevel: 'LOW' }, true],
      ['low', OLD, { thinkingBudget: 1_024 }, false],
      ['medium', OLD, { thinkingBudget: 8_192 }, false],
      ['xhigh', OLD, { thinkingBudget: 24_576 }, true],
      ['none', OLD, { thinkingBudget: 0 }, false],
      ['none', OLD_PRO, { thinkingBudget: 128 }, true],
      ['high', NONE, null, true],
    ] as const;
    for (const [word, model, config, isNamed] of rows) {
      expect(writeThinking(effort(word), model), `${word} for ${model}`).to.deep.equal({
        config,
        dropped: isNamed ? ['reasoning_effort'] : [],
      });
    }
  });

  it('is a number where the client names one, and none where it turns thoughts off', () => {
    expect(writeThinking(thinking({ type: 'enabled', budget_tokens: 2_000 }), NEW).config).to.deep.equal({
      thinkingBudget: 2_000,
      includeThoughts: true,
    });
    expect(writeThinking(thinking({ type: 'disabled' }), OLD)).to.deep.equal({
      config: { thinkingBudget: 0 },
      dropped: [],
    });
    expect(writeThinking(thinking({ type: 'disabled' }), NEW)).to.deep.equal({
      config: { thinkingLevel: 'LOW' },
      dropped: ['thinking'],
    });
    expect(writeThinking(thinking({ type: 'disabled' }), NONE)).to.deep.equal({ config: null, dropped: [] });
    const both = { ...thinking({ type: 'adaptive' }), effort: effort('high').effort };
    expect(writeThinking(both, NEW).config).to.deep.equal({ thinkingLevel: 'HIGH', includeThoughts: true });
  });

  it('is shown where the client asks for that', () => {
    const summary = { ...nothing, summary: { value: 'auto', at: 'reasoning.summary' } };
    expect(writeThinking(summary, NEW)).to.deep.equal({ config: { includeThoughts: true }, dropped: [] });
    expect(writeThinking(summary, NONE)).to.deep.equal({ config: null, dropped: ['reasoning.summary'] });
    expect(writeThinking(thinking({ type: 'adaptive', display: 'omitted' }), NEW).config).to.equal(null);
  });
});
