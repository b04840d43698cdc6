import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hasToken, needsHost } from '../../../../src/primary/admin/admin-guard.ts';
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

describe('a health probe', () => {
  it('needs no Host, but if it has one, a safe one', () => {
    for (const path of ['/livez', '/readyz']) {
      expect(needsHost(path, undefined)).to.equal(false);
      expect(needsHost(path, '')).to.equal(false);
      expect(needsHost(path, 'evil.example')).to.equal(true);
    }
    for (const path of ['/', '/metrics', '/api/status', '/livez/x']) expect(needsHost(path, undefined)).to.equal(true);
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
