import { expect } from 'chai';
import { describe, it } from 'mocha';
import { namesAnotherModel } from '../../../src/dialects/named-model.ts';

describe('the model that an error names', () => {
  for (const message of [
    'The model `gpt-4` does not exist or you do not have access to it.',
    "Error: model 'gpt-4' not found, try pulling it first",
    'model: gpt-4',
    'No endpoints found for openai/gpt-4.',
    'openai/gpt-4 is not a valid model ID',
    'The model `gpt-4-0613` has been deprecated',
  ]) {
    it(`is the target's, or another: ${message}`, () => {
      expect(namesAnotherModel(message, 'gpt-4')).to.equal(false);
      expect(namesAnotherModel(message, 'accounts/a/models/GPT-4')).to.equal(false);
      expect(namesAnotherModel(message, 'claude-x')).to.equal(true);
    });
  }

  it('is none where the message names none, or says it of something else', () => {
    for (const message of ['Model not exist', 'DeploymentNotFound', 'The tool `x` is unknown', '', 'model: a b c']) {
      expect(namesAnotherModel(message, 'gpt-4'), message).to.equal(false);
    }
  });
});
