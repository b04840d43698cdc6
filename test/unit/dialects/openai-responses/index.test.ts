import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';

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
    for (const userAgent of [undefined, 'OpenAI/JS 7.57.0', 'codexlike/1']) {
      expect(openaiResponses.keepAlive(userAgent).toString()).to.equal(': keep-alive\n\n');
    }
  });

  it('says it to Codex by an event, which comments are not', () => {
    for (const userAgent of [
      'codex_cli_rs/0.171.0 (Debian)',
      'codex_exec/0.171.0',
      'codex-tui/0.171.0',
      'Codex Desktop/1',
    ]) {
      const [event] = new SseSplitter().push(openaiResponses.keepAlive(userAgent));
      expect(event?.data).to.equal('{"type":"keepalive","sequence_number":0}');
    }
  });
});
