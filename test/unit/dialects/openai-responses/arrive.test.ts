import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { JsonFault } from '../../../../src/wire/json-scan.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';

const arrived = (body: unknown) => arrivedAt(openaiResponses, Buffer.from(JSON.stringify(body)));

/** The field that is wrong. */
function wrong(fields: object): string | null {
  try {
    arrived({ model: 'm', input: 'hi', ...fields });
  } catch (error) {
    if (error instanceof GatewayError) return error.param;
  }
  return null;
}

describe('a request for a response, as it comes', () => {
  it('says what routing needs', () => {
    const body = { model: 'm', input: [{ role: 'user', content: 'hi' }], stream: true, prompt_cache_key: 'thread' };
    expect(arrived(body).outline).to.deep.equal({
      model: 'm',
      stream: true,
      wantsUsage: true,
      choices: 1,
      hasStopSequences: false,
      sessionKey: 'thread',
      continues: null,
      isKept: true,
    });
  });

  it('keeps its bytes but for the name of the model', () => {
    const request = arrived({ model: 'm', input: 'hi' });
    expect(request.edited({ model: 'm' })).to.equal(request.bytes);
    expect(String(request.edited({ model: 'other' }))).to.equal('{"model":"other","input":"hi"}');
    expect(request.bytes.toString()).to.equal('{"model":"m","input":"hi"}');
  });

  it('may be a text, a list, or without input, but nothing else', () => {
    expect(wrong({ input: undefined, prompt: { id: 'p' } })).to.equal(null);
    for (const input of [[], {}, 7, true]) expect(wrong({ input }), String(input)).to.equal('input');
  });

  it('is refused where every provider would refuse it', () => {
    expect(wrong({ model: undefined })).to.equal('model');
    expect(wrong({ model: '' })).to.equal('model');
    expect(wrong({ stream: 'yes' })).to.equal('stream');
    expect(wrong({ temperature: 3 })).to.equal('temperature');
    expect(wrong({ max_output_tokens: 0 })).to.equal('max_output_tokens');
    expect(wrong({ max_output_tokens: null, temperature: null })).to.equal(null);
    expect(() => arrived([])).to.throw(GatewayError);
  });

  it('must not say twice what decides over it', () => {
    for (const field of ['model', 'input', 'store', 'background', 'previous_response_id']) {
      const bytes = Buffer.from(`{"model":"m","input":"hi","${field.toUpperCase()}":"m"}`);
      expect(() => arrivedAt(openaiResponses, bytes), field).to.throw(JsonFault);
    }
  });
});
