import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../../src/dialects/openai-chat/index.ts';
import type { GatewayError } from '../../../../../src/shared/errors.ts';
import { JsonFault } from '../../../../../src/wire/json-scan.ts';
import { scanError } from '../../../../../src/worker/request/arrival/scan-error.ts';
import { arrivedAt } from '../../../../helpers/codecs.ts';

const image = 'iVBORw0K'.repeat(20_000);
const written = (text: string) => `{"model":"gpt-4","messages":[{"role":"user","content":"${text}"}]}`;

/** The error for a body that the scan refuses. */
function errorFor(body: string | Buffer): GatewayError {
  try {
    arrivedAt(openaiChat, Buffer.from(body));
  } catch (fault) {
    if (fault instanceof JsonFault) return scanError(fault);
    throw fault;
  }
  throw new Error('nothing was refused');
}

describe('the error for a body that the scan has refused', () => {
  it('says that it is no JSON, wherever that shows', () => {
    for (const body of ['', '{', '{"a":1,}', written(`${image}\\x`), written(`${image}\n`), `["${image}",]`]) {
      expect(errorFor(body)).to.include({ status: 400, code: 'invalid_json', message: 'The body is not valid JSON.' });
    }
  });

  it('says what is wrong with its text', () => {
    const bytes = Buffer.from(written(`${image}?`));
    bytes[bytes.length - 6] = 0xff;
    expect(errorFor(bytes)).to.include({ code: 'invalid_json', message: 'The body is not valid UTF-8.' });
    expect(errorFor(written('\\ud800'))).to.include({
      code: 'invalid_json',
      message: 'The body has an escape that is half a surrogate pair.',
    });
  });

  it('says which limit of its form it exceeds', () => {
    expect(errorFor('['.repeat(2_000))).to.include({ status: 400, code: 'invalid_value' });
    expect(errorFor('['.repeat(2_000)).message).to.match(/^The body is nested deeper than \d+ levels\.$/);
    const many = errorFor(`{"x":[${'1,'.repeat(8_000_000)}1]}`);
    expect(many).to.include({ status: 400, code: 'invalid_value' });
    expect(many.message).to.match(/^The body has more than \d+ bytes outside of strings\.$/);
  });

  it('names the field that readers may take for another, as it is written', () => {
    expect(errorFor('{"model":"a","model":"b"}')).to.include({
      status: 400,
      code: 'invalid_value',
      param: 'model',
      message: "'model' occurs twice.",
    });
    for (const name of ['Model', 'MODEL', '\u017ftream', '\u017fTREAM_OPTIONS', 'max_to\u212aens', 'N']) {
      const error = errorFor(`{"${name}":1}`);
      expect(error).to.include({ code: 'invalid_value', param: name });
      expect(error.message).to.contain(`'${name}' is read as`);
    }
  });

  it('keeps the fault as its cause', () => {
    expect(errorFor('{').cause).to.be.instanceOf(JsonFault);
  });
});
