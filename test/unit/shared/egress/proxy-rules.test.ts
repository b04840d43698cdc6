import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { EnvHttpProxyAgent } from 'undici';
import { oneProxy, proxiesOf, proxyFor } from '../../../../src/shared/egress/proxy-rules.ts';

describe('the proxies of an environment', () => {
  const of = (environment: Record<string, string>, url: string) => {
    const rules = proxiesOf(environment);
    return rules === null ? null : proxyFor(rules, new URL(url));
  };

  it('are those of the variables in lower case before those in upper case', () => {
    const environment = { http_proxy: 'http://low:1', HTTP_PROXY: 'http://up:1', HTTPS_PROXY: 'http://secure:1' };
    expect(of(environment, 'http://a.example')).to.equal('http://low:1');
    expect(of(environment, 'https://a.example')).to.equal('http://secure:1');
  });

  it('are none where a variable in lower case is empty', () => {
    expect(of({ https_proxy: '', HTTPS_PROXY: 'http://up:1' }, 'https://a.example')).to.equal(null);
    expect(proxiesOf({})).to.equal(null);
  });

  it('are one for both where only that for http is named', () => {
    expect(of({ HTTP_PROXY: 'proxy.example:3128' }, 'https://a.example')).to.equal('http://proxy.example:3128');
    expect(of({ HTTPS_PROXY: 'http://secure:1' }, 'http://a.example')).to.equal(null);
  });

  it('are passed by for what NO_PROXY names', () => {
    const by = (bypass: string, url: string) => proxyFor({ ...oneProxy('http://p:1'), bypass }, new URL(url)) === null;
    for (const [bypass, url, expected] of [
      ['example.com', 'https://example.com', true],
      ['example.com', 'https://api.example.com', true],
      ['.example.com', 'https://api.example.com', true],
      ['.example.com', 'https://example.com', true],
      ['*.example.com', 'https://example.com', false],
      ['*.example.com', 'https://api.example.com', true],
      ['example.com', 'https://badexample.com', false],
      ['example.com:8443', 'https://example.com', false],
      ['example.com:8443', 'https://example.com:8443', true],
      ['a.example b.example', 'http://b.example', true],
      ['none.example, *', 'http://b.example', true],
      ['*:80', 'http://b.example', true],
      ['*:80', 'https://b.example', false],
      ['::1', 'http://[::1]:8000', true],
      ['[::1]:8000', 'http://[::1]:8000', true],
      ['[::1]:8001', 'http://[::1]:8000', false],
      ['EXAMPLE.com.', 'https://Example.COM.', true],
      ['', 'http://b.example', false],
    ] as const) {
      expect(by(bypass, url), `${bypass} for ${url}`).to.equal(expected);
    }
  });

  it('are passed by for addresses in the networks that NO_PROXY names', () => {
    const by = (bypass: string, url: string) => proxyFor({ ...oneProxy('http://p:1'), bypass }, new URL(url)) === null;
    for (const [bypass, url, expected] of [
      ['10.0.0.0/8', 'http://10.10.10.7:8000', true],
      ['localhost,10.0.0.0/8', 'https://11.0.0.1', false],
      ['192.168.1.5/32', 'http://192.168.1.5', true],
      ['192.168.1.5/32', 'http://192.168.1.6', false],
      ['0.0.0.0/0', 'http://203.0.113.9', true],
      ['10.0.0.0/8', 'http://10.example.com', false],
      ['fd00::/8', 'http://[fd12:3456::1]:8000', true],
      ['fd00::/8', 'http://[fe80::1]', false],
      ['fd00::/8', 'http://10.0.0.1', false],
      ['10.0.0.0/33', 'http://10.0.0.1', false],
      ['example.com/8', 'http://example.com', false],
    ] as const) {
      expect(by(bypass, url), `${bypass} for ${url}`).to.equal(expected);
    }
  });

  it('are passed by exactly where undici does', () => {
    const part = fc.constantFrom('example', 'com', 'api', 'a', 'localhost');
    const host = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const port = fc.constantFrom('', ':80', ':443', ':8080');
    const entry = fc.tuple(fc.constantFrom('', '.', '*.'), host, port).map((parts) => parts.join(''));
    const bypass = fc
      .array(fc.oneof(entry, fc.constantFrom('*', '*:443')), { maxLength: 3 })
      .map((all) => all.join(','));
    const url = fc
      .tuple(fc.constantFrom('http', 'https'), host, port)
      .map(([scheme, at, on]) => `${scheme}://${at}${on}`);
    fc.assert(
      fc.property(bypass, url, (noProxy, asked) => {
        const ours = proxyFor({ ...oneProxy('http://p:1'), bypass: noProxy }, new URL(asked)) !== null;
        expect(ours).to.equal(undiciAsksProxy(noProxy, asked));
      }),
    );
  });
});

/** Whether undici hands a request to one of its agents with a proxy: those are no plain agents. */
function undiciAsksProxy(noProxy: string, url: string): boolean {
  const agent = new EnvHttpProxyAgent({ httpProxy: 'http://p:1', httpsProxy: 'http://p:1', noProxy });
  const agents = Object.getOwnPropertySymbols(agent).map((symbol) => {
    const value = (agent as unknown as Record<symbol, unknown>)[symbol];
    return { name: symbol.description ?? '', value };
  });
  let isProxied: boolean | null = null;
  for (const { name, value } of agents) {
    if (!/agent$/.test(name) || typeof value !== 'object' || value === null) continue;
    Object.assign(value, {
      dispatch: () => {
        isProxied ??= !name.startsWith('no');
        return true;
      },
    });
  }
  agent.dispatch({ origin: url, path: '/', method: 'GET' }, {});
  if (isProxied === null) throw new Error('undici has other agents than it had');
  return isProxied;
}
