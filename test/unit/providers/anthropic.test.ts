import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropic } from '../../../src/providers/anthropic.ts';
import { pathAt } from '../../../src/providers/registry.ts';

describe('the provider anthropic', () => {
  it('speaks messages below its base URL, which has no version', () => {
    expect(Object.keys(anthropic.dialects)).to.deep.equal(['anthropic-messages', 'anthropic-count-tokens']);
    expect(
      anthropic.baseUrl + pathAt(anthropic, 'anthropic-messages', { model: 'claude', stream: true, settings: {} }),
    ).to.equal('https://api.anthropic.com/v1/messages');
  });

  it('takes a key in its own header and streams server-sent events', () => {
    expect(anthropic).to.include({ credentials: 'x-api-key', framing: 'sse', needsKey: true });
    expect(anthropic.offer?.variables).to.deep.equal([{ name: 'ANTHROPIC_API_KEY', key: 'api_key' }]);
  });
});
