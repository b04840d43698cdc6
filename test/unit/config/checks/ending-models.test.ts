import { expect } from 'chai';
import { describe, it } from 'mocha';
import { endingModels } from '../../../../src/config/checks/ending-models.ts';
import { load, smallest } from '../../../helpers/config-text.ts';

const official = smallest.replace('base_url: "http://127.0.0.1:8001/v1"', 'api_key: sk-of-nobody-at-all');

describe('models that end', () => {
  it('are named once, with their day and where it is said', () => {
    expect(endingModels(load(`${official}  same: { targets: [{ provider: local, model: gpt-4 }] }\n`))).to.deep.equal([
      'local/gpt-4 ends on 2026-10-23: see https://developers.openai.com/api/docs/deprecations',
    ]);
  });

  it('are only those that are known to end, at the provider’s own address', () => {
    expect(endingModels(load(official.replaceAll('gpt-4', 'gpt-6-sol')))).to.deep.equal([]);
    expect(endingModels(load(smallest))).to.deep.equal([]);
  });
});
