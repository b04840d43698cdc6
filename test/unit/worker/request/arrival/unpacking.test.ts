import { expect } from 'chai';
import { describe, it } from 'mocha';
import { GatewayError } from '../../../../../src/shared/errors.ts';
import { codingOf, TAKEN_CODINGS } from '../../../../../src/worker/request/arrival/unpacking.ts';

const coding = (value?: string) => codingOf(value === undefined ? {} : { 'content-encoding': value });

describe('the coding of a body', () => {
  it('is none where there is no header, or it says identity', () => {
    for (const value of [undefined, '', 'identity', ' Identity ', 'identity,identity', ',']) {
      expect(coding(value), value).to.equal(null);
    }
  });

  it('is one of those that are taken, in any case', () => {
    for (const name of TAKEN_CODINGS.split(', ')) {
      for (const value of [name, name.toUpperCase(), ` ${name} `, `identity, ${name}`]) {
        expect(coding(value), value).to.equal(name);
      }
    }
    expect(coding('x-gzip')).to.equal('gzip');
  });

  it('is refused where it is another, or more than one, in words that name what is taken', () => {
    for (const value of ['compress', 'gzip, br', 'gzip gzip', 'dcz', '*', 'constructor']) {
      expect(() => coding(value), value)
        .to.throw(GatewayError, TAKEN_CODINGS)
        .that.includes({ status: 415, code: 'unsupported_content_encoding' });
    }
  });
});
