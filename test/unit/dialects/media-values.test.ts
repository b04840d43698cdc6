import { expect } from 'chai';
import { describe, it } from 'mocha';
import { mediaIn } from '../../../src/dialects/media-values.ts';
import { GatewayError } from '../../../src/shared/errors.ts';

const typeOf = (url: string) => mediaIn('file', null, url, 'at').head.mediaType;

describe('a medium in a data URL', () => {
  it('has its type, without the parameters that may follow it', () => {
    for (const parameters of ['', ';charset=utf-8', ';name=a%20b.txt;charset=utf-8', ';charset="utf-8"', ';x']) {
      const { head, text } = mediaIn('file', null, `data:text/plain${parameters};base64,aGk=`, 'at');
      expect([head.mediaType, head.from, text], parameters).to.deep.equal(['text/plain', 'data', 'aGk=']);
    }
    expect(typeOf('DATA:image/svg+xml;BASE64,aGk=')).to.equal('image/svg+xml');
  });

  it('is refused in another encoding, without a type, and with an endless head', () => {
    for (const url of [
      'data:text/plain,hi',
      'data:;base64,aGk=',
      'data:text/plain;charset=utf-8,hi',
      'file:///etc/passwd',
    ]) {
      expect(() => typeOf(url), url).to.throw(GatewayError, 'base64 data URL');
    }
    expect(() => typeOf(`data:text/plain${';x'.repeat(1_000_000)};base64,aGk=`)).to.throw(GatewayError);
  });
});
