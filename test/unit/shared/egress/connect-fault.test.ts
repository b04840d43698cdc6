import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  connectAdvice,
  connectReason,
  ProxyError,
  reasonOfProxyStatus,
} from '../../../../src/shared/egress/connect-fault.ts';
import { judgements } from '../../../../src/shared/judgements.ts';

const withCode = (code: string, message = '') => Object.assign(new Error(message), { code });

describe('why no connection was made', () => {
  for (const [code, reason] of [
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-name'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-untrusted'],
    ['CERT_NOT_YET_VALID', 'certificate-expired'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'client-certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no-tls'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls'],
    ['ECONNREFUSED', null],
    ['EPROTO', null],
  ] as const) {
    it(`is ${reason ?? 'no more than that'} at ${code}`, () => expect(connectReason(withCode(code))).to.equal(reason));
  }

  it('is in the words of OpenSSL where a write has failed', () => {
    const words =
      'write EPROTO 40:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:x.c:918:';
    expect(connectReason(withCode('EPROTO', words))).to.equal('client-certificate');
  });

  it('is what a proxy says', () => {
    expect(connectReason(new ProxyError('proxy-auth', 'no'))).to.equal('proxy-auth');
    expect([407, 403, 404, 502, 504].map(reasonOfProxyStatus)).to.deep.equal([
      'proxy-auth',
      'proxy-refused',
      'proxy-refused',
      'proxy-failed',
      'proxy-failed',
    ]);
  });

  it('is nothing for what is no error', () => {
    for (const value of [null, 'ECONNREFUSED', new Error('x'), { code: 'CERT_HAS_EXPIRED' }]) {
      expect(connectReason(value)).to.equal(null);
    }
  });

  it('has advice that names the provider, and is the provider’s circuit’s alone', () => {
    for (const [reason, judgement] of Object.entries(judgements.unconnectable)) {
      const advice = connectAdvice(reason as keyof typeof judgements.unconnectable, 'provider one', 'one.example:443');
      expect(advice, reason).to.include('provider one');
      expect(judgement).to.include({ verdict: 'neutral', providerVerdict: 'failure', label: reason });
    }
  });
});
