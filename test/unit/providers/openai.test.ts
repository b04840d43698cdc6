import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openai } from '../../../src/providers/openai.ts';
import { pathAt } from '../../../src/providers/registry.ts';

describe('the provider openai', () => {
  it('speaks chat completions below its base URL, which ends in the version', () => {
    expect(Object.keys(openai.dialects)[0]).to.equal('openai-chat');
    expect(openai.baseUrl + pathAt(openai, 'openai-chat', { model: 'gpt-4', stream: true, settings: {} })).to.equal(
      'https://api.openai.com/v1/chat/completions',
    );
  });

  it('takes a bearer key and streams server-sent events', () => {
    expect(openai).to.include({ credentials: 'bearer', framing: 'sse', needsKey: true });
    expect(openai.offer?.variables).to.deep.equal([{ name: 'OPENAI_API_KEY', key: 'api_key' }]);
  });
});
