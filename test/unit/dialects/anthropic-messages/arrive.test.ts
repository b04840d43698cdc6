import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../../src/dialects/anthropic-messages/index.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';

const request = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };

function arrived(body: string | object) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const arriving = anthropicMessages.arrive({});
  for (const byte of bytes) arriving.push(Buffer.of(byte));
  arriving.end();
  return arriving.read(bytes);
}

const refusal = (body: object) => thrownBy(GatewayError, () => arrived(body));

describe('a request for a message that arrives', () => {
  it('says what routing needs', () => {
    expect(arrived(request).outline).to.deep.equal({
      model: 'm',
      stream: false,
      wantsUsage: true,
      choices: 1,
      hasStopSequences: false,
      sessionKey: null,
      continues: null,
    });
    const more = { ...request, stream: true, stop_sequences: ['END'], temperature: 1, system: 'x' };
    expect(arrived(more).outline).to.include({ stream: true, hasStopSequences: true });
    expect(arrived({ ...request, stop_sequences: [], stream: null }).outline).to.include({
      stream: false,
      hasStopSequences: false,
    });
  });

  it('is passed on with another name of the model, else unchanged', () => {
    const body = '{ "system" : "x", "max_tokens": 0, "model":"m" ,"messages":[{"role":"user","content":"hi"}]}';
    const edited = arrived(body).edited({ model: 'n' });
    expect(edited.toString()).to.equal(body.replace('"m"', '"n"'));
    expect(arrived(body).parsed().value).to.deep.equal(JSON.parse(body));
  });

  it('is refused where a field is missing', () => {
    for (const param of ['model', 'messages', 'max_tokens']) {
      expect(refusal({ ...request, [param]: undefined })).to.include({ code: 'missing_parameter', param });
    }
  });

  it('is refused where no provider takes a value', () => {
    const wrong: [object, string][] = [
      [{ max_tokens: 1.5 }, 'max_tokens'],
      [{ max_tokens: -1 }, 'max_tokens'],
      [{ max_tokens: '16' }, 'max_tokens'],
      [{ max_tokens: null }, 'max_tokens'],
      [{ temperature: 3 }, 'temperature'],
      [{ stream: 1 }, 'stream'],
      [{ messages: [] }, 'messages'],
      [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
      [{ messages: ['x'] }, 'messages[0]'],
      [{ model: '' }, 'model'],
    ];
    for (const [fields, param] of wrong) {
      expect(refusal({ ...request, ...fields })).to.include({ code: 'invalid_value', param });
    }
    expect(refusal([])).to.include({ code: 'invalid_value' });
  });
});
