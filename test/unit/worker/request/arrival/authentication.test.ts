import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../../src/dialects/openai-chat/index.ts';
import { GatewayError } from '../../../../../src/shared/errors.ts';
import { authenticator } from '../../../../../src/worker/request/arrival/authentication.ts';

const authenticate = authenticator(['key-one', 'key-two']);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('who asks', () => {
  it('is told by the key, under the name of the setting that holds it', () => {
    expect(authenticate(bearer('key-one'), openaiChat)).to.deep.equal({ keyName: 'server.keys[0]' });
    expect(authenticate({ authorization: 'bearer   key-two ' }, openaiChat)).to.deep.equal({
      keyName: 'server.keys[1]',
    });
  });

  it('is anybody where there are no keys', () => {
    for (const headers of [{}, bearer('whatever')]) {
      expect(authenticator([])(headers, openaiChat)).to.deep.equal({ keyName: null });
    }
  });

  it('is asked for with the header that the dialect takes', () => {
    for (const authorization of [undefined, '', 'Basic a2V5', 'Bearer', 'Bearer two words']) {
      expect(() => authenticate({ authorization }, openaiChat))
        .to.throw(GatewayError, 'No API key was given. Send one as "authorization: Bearer KEY".')
        .that.includes({ status: 401, code: 'invalid_api_key' });
    }
  });

  it('is nobody with another key, and the error does not quote it', () => {
    for (const key of ['key-three', 'key-on', 'key-one2', 'KEY-ONE']) {
      expect(() => authenticate(bearer(key), openaiChat))
        .to.throw(GatewayError, 'The API key is not known to this gateway.')
        .that.includes({ status: 401, code: 'invalid_api_key' });
    }
  });

  it('is looked for where the dialect says', () => {
    const dialect = {
      keyHint: '"x-key: KEY"',
      clientKey: (headers: Readonly<Record<string, unknown>>) => String(headers['x-key'] ?? '') || null,
    };
    expect(authenticate({ 'x-key': 'key-two' }, dialect)).to.deep.equal({ keyName: 'server.keys[1]' });
    expect(() => authenticate(bearer('key-two'), dialect)).to.throw(GatewayError, 'Send one as "x-key: KEY".');
  });
});
