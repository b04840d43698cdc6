import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';

describe('the dialect of responses', () => {
  it('knows a client by its bearer token, or by the key header of other clients', () => {
    const { clientKey } = openaiResponses;
    expect(clientKey({ authorization: 'bearer b ' })).to.equal('b');
    expect(clientKey({ authorization: 'Basic b', 'x-api-key': 'a' })).to.equal('a');
    expect(clientKey({ authorization: 'Basic b' })).to.equal(null);
  });

  it("reads errors as all of OpenAI's routes send them", () => {
    const body = Buffer.from('{"error":{"message":"m","type":"invalid_request_error","param":"input","code":null}}');
    expect(openaiResponses.readError(400, body)).to.deep.include({ status: 400, message: 'm', param: 'input' });
  });

  it('says nothing to a client that waits but that it is there', () => {
    expect(openaiResponses.keepAlive().toString()).to.equal(': keep-alive\n\n');
  });
});
