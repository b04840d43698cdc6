import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hasOwnHost, hasToken, isFromOwnPage } from '../../../../src/primary/admin/admin-guard.ts';
import { isOwnOrigin, isSafeHost } from '../../../../src/shared/http/host-guard.ts';

describe('the Host rule', () => {
  it('accepts localhost and IP addresses, with or without a port', () => {
    for (const host of [
      'localhost',
      'LocalHost:9464',
      '127.0.0.1',
      '127.0.0.1:9464',
      '[::1]:9464',
      '[::1]',
      '10.1.2.3',
    ]) {
      expect(isSafeHost(host), host).to.equal(true);
    }
  });

  it('refuses any other name and a missing Host', () => {
    for (const host of [
      'evil.example',
      'evil.example:9464',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '',
      undefined,
    ]) {
      expect(isSafeHost(host), String(host)).to.equal(false);
    }
  });
});

describe('the Host on loopback', () => {
  const bound = { host: '127.0.0.1', origins: ['https://ops.example', 'http://ops.example:8443'] };

  it('may be missing for a health probe alone, and is safe if there is one', () => {
    for (const path of ['/livez', '/readyz']) {
      expect(hasOwnHost(path, undefined, bound)).to.equal(true);
      expect(hasOwnHost(path, '', bound)).to.equal(true);
      expect(hasOwnHost(path, 'evil.example', bound)).to.equal(false);
    }
    for (const path of ['/', '/metrics', '/api/status', '/livez/x']) {
      expect(hasOwnHost(path, undefined, bound)).to.equal(false);
      expect(hasOwnHost(path, '127.0.0.1:9464', bound)).to.equal(true);
    }
  });

  it('may be that of a configured origin, with its port', () => {
    for (const host of ['ops.example', 'OPS.example', 'ops.example:8443']) {
      expect(hasOwnHost('/', host, bound), host).to.equal(true);
    }
    for (const host of ['example', 'ops.example:1', 'x.ops.example', 'https://ops.example', '/ops.example']) {
      expect(hasOwnHost('/', host, bound), host).to.equal(false);
    }
  });
});

describe('a command', () => {
  const post = (headers: Record<string, string>, origins: readonly string[] = []) =>
    isFromOwnPage({ method: 'POST', headers: { host: '127.0.0.1:9464', ...headers } }, origins);

  it('comes from a program, from our own page, or from a page whose browser says that it is ours', () => {
    expect(post({})).to.equal(true);
    expect(post({ origin: 'http://127.0.0.1:9464' })).to.equal(true);
    expect(post({ origin: 'https://ops.example', 'sec-fetch-site': 'same-origin' })).to.equal(true);
    expect(post({ origin: 'http://ops.example' }, ['http://ops.example'])).to.equal(true);
  });

  it('does not come from any other page', () => {
    for (const site of ['cross-site', 'same-site', 'none', '']) {
      expect(post({ origin: 'https://evil.example', 'sec-fetch-site': site }, ['https://ops.example']), site).to.equal(
        false,
      );
    }
    expect(post({ origin: 'null' })).to.equal(false);
  });

  it('is no GET, which a page of a proxy sends with its own origin', () => {
    expect(isFromOwnPage({ method: 'GET', headers: { origin: 'https://ops.example' } }, [])).to.equal(true);
  });
});

describe('the Origin rule', () => {
  it('accepts programs and our own page', () => {
    expect(isOwnOrigin(undefined, '127.0.0.1:9464')).to.equal(true);
    expect(isOwnOrigin('http://127.0.0.1:9464', '127.0.0.1:9464')).to.equal(true);
    expect(isOwnOrigin('https://gate.example', 'gate.example')).to.equal(true);
  });

  it('refuses every other page, also from another port', () => {
    for (const origin of ['http://evil.example', 'http://127.0.0.1:3000', 'null', '']) {
      expect(isOwnOrigin(origin, '127.0.0.1:9464'), origin).to.equal(false);
    }
  });
});

describe('the token', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it('is accepted as bearer token and as basic password', () => {
    for (const authorization of ['Bearer s3cret', 'bearer s3cret', basic('anybody:s3cret'), basic(':s3cret')]) {
      expect(hasToken(authorization, 's3cret'), authorization).to.equal(true);
    }
  });

  it('is not matched by a similar value', () => {
    for (const authorization of [
      undefined,
      '',
      's3cret',
      'Bearer',
      'Bearer s3cre',
      'Bearer s3cret2',
      basic('s3cret:x'),
    ]) {
      expect(hasToken(authorization, 's3cret'), String(authorization)).to.equal(false);
    }
  });
});
