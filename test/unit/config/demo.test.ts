import { expect } from 'chai';
import { describe, it } from 'mocha';
import { demoConfigInput } from '../../../src/config/demo.ts';
import { configSchema } from '../../../src/config/schema/schema.ts';

describe('the demo’s configuration', () => {
  const input = demoConfigInput({ openaiPort: 8001, anthropicPort: 8002 });

  it('passes the same check as a file', () => {
    const result = configSchema.safeParse(input);
    expect(result.error?.issues).to.equal(undefined);
  });

  it('maps each model to both providers, to its own provider first', () => {
    const order = Object.entries(input.models).map(([model, { targets }]) => [
      model,
      ...targets.map((t) => t.provider),
    ]);
    expect(order).to.deep.equal([
      ['gpt-4', 'openai', 'anthropic'],
      ['gpt-4o', 'openai', 'anthropic'],
      ['claude-sonnet-4-5', 'anthropic', 'openai'],
    ]);
  });

  it('keeps all defaults', () => {
    expect(input).to.have.all.keys('version', 'providers', 'models');
  });
});
