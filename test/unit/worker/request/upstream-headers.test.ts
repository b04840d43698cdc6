import { expect } from 'chai';
import { Redactor } from '../../../../src/shared/redactor.ts';
import { addReturnedHeaders } from '../../../../src/worker/request/upstream-headers.ts';

describe('the returned headers of a provider', () => {
  it('are those of the allow-list, and no others', () => {
    const returned = {
      'x-ratelimit-remaining-requests': '9',
      'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:00Z',
      'openai-processing-ms': '12',
      'openai-version': '2020-10-01',
      'x-headgate-demo': '1',
    };
    const kept = { 'content-type': 'application/json' };
    const others = {
      'set-cookie': ['a=b'],
      server: 'nginx',
      'x-powered-by': 'x',
      'openai-organization': 'acme',
      age: '1',
    };
    const headers: Record<string, string> = { ...kept };
    addReturnedHeaders(headers, { ...others, ...returned }, new Redactor());
    expect(headers).to.deep.equal({ ...kept, ...returned });
  });

  it('hold no secret, and none that the Connection header names', () => {
    const headers: Record<string, string> = {};
    const sent = {
      connection: 'keep-alive, X-RateLimit-Hop',
      'x-ratelimit-hop': '1',
      'x-ratelimit-key': `of ${encodeURIComponent('sk+a-key-of-ours')}`,
    };
    addReturnedHeaders(headers, sent, new Redactor(['sk+a-key-of-ours']));
    expect(headers).to.deep.equal({ 'x-ratelimit-key': 'of [redacted]' });
  });
});
