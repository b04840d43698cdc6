import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeRequest } from '../../../../src/providers/openai/request.ts';
import { translationInput } from '../../../helpers/scan-chat.ts';

function requestOf(json: string, model: string, apiKey = 'sk-1') {
  return makeRequest(translationInput(Buffer.from(json), model, 100), apiKey);
}

describe('a request in the openai dialect', () => {
  const json = '{ "model": "gpt-4", "messages": [], "seed": 12345678901234567890, "x": 1.0 }';

  it('has the bytes of the client if the model has the same name', () => {
    const bytes = Buffer.from(json);
    const request = makeRequest(translationInput(bytes, 'gpt-4'), 'sk-1');
    expect(request.body).to.equal(bytes);
  });

  it('replaces only the name of the model, and keeps numbers and spaces as they were', () => {
    const request = requestOf(json, 'gpt-4-turbo');
    expect(request.body.toString()).to.equal(json.replace('gpt-4', 'gpt-4-turbo'));
    expect(request.droppedParams).to.deep.equal([]);
  });

  it('has a path below the base URL and a bearer key', () => {
    const request = requestOf(json, 'm');
    expect(request.path).to.equal('/chat/completions');
    expect(request.headers).to.deep.equal({
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: 'Bearer sk-1',
    });
  });

  it('requests a stream if the client does, and sends no empty key', () => {
    const { headers } = requestOf('{"model":"m","messages":[],"stream":true}', 'm', '');
    expect(headers.accept).to.equal('text/event-stream');
    expect(headers).to.not.have.property('authorization');
  });
});
