import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ownLack } from '../../../../src/worker/upstream/own-lack.ts';

const failed = (code: string, address?: string) =>
  Object.assign(new Error(code), { code, ...(address === undefined ? {} : { address }) });

describe('a failed connection', () => {
  for (const code of [
    'EMFILE',
    'ENFILE',
    'ENOBUFS',
    'ENOMEM',
    'EADDRNOTAVAIL',
    'ENETUNREACH',
    'ENETDOWN',
    'EAI_AGAIN',
  ]) {
    it(`is for want of something of this host by ${code}`, () => {
      expect(ownLack(failed(code))).to.equal(code);
    });
  }

  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'CERT_HAS_EXPIRED', 'UND_ERR_SOCKET']) {
    it(`says something about the provider by ${code}`, () => {
      expect(ownLack(failed(code))).to.equal(null);
    });
  }

  it('is for want of something only if that is so for each address', () => {
    const of = (...errors: readonly Error[]) => ownLack(new AggregateError(errors));
    expect(of(failed('EMFILE', '::1'), failed('EMFILE', '127.0.0.1'))).to.equal('EMFILE');
    expect(of(failed('ECONNREFUSED', '::1'), failed('EMFILE', '127.0.0.1'))).to.equal(null);
    expect(of()).to.equal(null);
  });

  it('is for want of a network if no address of either family is within reach', () => {
    const of = (...errors: readonly Error[]) => ownLack(new AggregateError(errors));
    expect(of(failed('ENETUNREACH', '2001:db8::1'), failed('ENETUNREACH', '192.0.2.1'))).to.equal('ENETUNREACH');
    expect(of(failed('EAFNOSUPPORT', '2001:db8::1'), failed('ENETUNREACH', '192.0.2.1'))).to.equal('ENETUNREACH');
    expect(of(failed('ENETUNREACH', '2001:db8::1'), failed('ECONNREFUSED', '192.0.2.1'))).to.equal(null);
  });

  it('is not judged by a family that this host does not have', () => {
    const of = (...errors: readonly Error[]) => ownLack(new AggregateError(errors));
    expect(of(failed('EADDRNOTAVAIL', '::1'), failed('ECONNREFUSED', '127.0.0.1'))).to.equal(null);
    expect(of(failed('ENETUNREACH', '2001:db8::1'), failed('EADDRNOTAVAIL', '10.0.0.1'))).to.equal('EADDRNOTAVAIL');
    expect(of(failed('EADDRNOTAVAIL', '2001:db8::1'))).to.equal('EADDRNOTAVAIL');
  });
});
