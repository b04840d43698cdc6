import { expect } from 'chai';
import { describe, it } from 'mocha';
import { addressInWords, baseAddress } from '../../../../src/shared/egress/base-address.ts';

describe('the address of a provider', () => {
  it('has an origin and what goes before each path', () => {
    expect(baseAddress('https://api.openai.com/v1')).to.deep.equal({
      origin: 'https://api.openai.com',
      prefix: '/v1',
      socketPath: null,
    });
    expect(baseAddress('http://[::1]:8000').prefix).to.equal('');
  });

  it('may be the path of a socket, and what stands behind its colon', () => {
    const origin = 'http://localhost';
    expect(baseAddress('unix:/run/vllm.sock:/v1')).to.deep.equal({
      origin,
      prefix: '/v1',
      socketPath: '/run/vllm.sock',
    });
    expect(baseAddress('unix:/run/vllm.sock')).to.deep.equal({ origin, prefix: '', socketPath: '/run/vllm.sock' });
  });

  it('is told in the words of a firewall', () => {
    expect(addressInWords('https://api.openai.com/v1')).to.equal('api.openai.com:443');
    expect(addressInWords('http://local')).to.equal('local:80');
    expect(addressInWords('unix:/run/vllm.sock:/v1')).to.equal('/run/vllm.sock');
  });
});
