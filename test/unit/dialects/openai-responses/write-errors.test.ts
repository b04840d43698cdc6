import { expect } from 'chai';
import { describe, it } from 'mocha';
import { brokenEnd, writeError } from '../../../../src/dialects/openai-responses/write-errors.ts';
import { ResponseWriter } from '../../../../src/dialects/openai-responses/write-stream.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { streamedToClient } from './official-client.ts';

const error = { message: 'The provider stopped.', type: 'upstream_error', param: null, code: 'provider_stream_cut' };
const facts = { owner: 'provider', provider: 'p', attempts: 'p:cut', request_id: 'r' };

const payloadOf = (bytes: Buffer) => JSON.parse(new SseSplitter().push(bytes).at(-1)?.data ?? '');

describe('errors of responses', () => {
  it("are in OpenAI's envelope", () => {
    expect(JSON.parse(writeError(error, facts).toString())).to.deep.equal({ error: { ...error, headgate: facts } });
    expect(JSON.parse(writeError(error).toString())).to.deep.equal({ error });
  });

  it('end a stream with all that had come, as a response that failed', async () => {
    const writer = new ResponseWriter(answerContext());
    const begun = [
      writer.write({ type: 'start', id: null, model: 'gpt-x' }),
      writer.write({ type: 'open', block: 0, head: { type: 'text' } }),
      writer.write({ type: 'delta', block: 0, text: 'half' }),
    ];
    const { response, types } = await streamedToClient(
      Buffer.concat([...begun, brokenEnd(error, facts, writer.soFar)]),
    );
    expect(types.at(-1)).to.equal('failed');
    expect(response).to.deep.include({ status: 'failed', output_text: 'half' });
    expect(response.output[0]).to.include({ status: 'incomplete' });
    expect(response.error).to.deep.equal({
      code: 'server_error',
      message: error.message,
      headgate: { code: error.code, ...facts },
    });
  });

  it('have the codes by which clients know what to do', () => {
    const codeOf = (code: string) => payloadOf(brokenEnd({ ...error, code }, facts, null)).response.error.code;
    expect(codeOf('rate_limited')).to.equal('rate_limit_exceeded');
    expect(codeOf('context_length_exceeded')).to.equal('context_length_exceeded');
    expect(codeOf('provider_error')).to.equal('server_error');
  });

  it('let no client go on trying with what it has done wrong itself', () => {
    const codeOf = (owner: string, code: string | null) =>
      payloadOf(brokenEnd({ ...error, code }, { ...facts, owner }, null)).response.error.code;
    expect(codeOf('client', null)).to.equal('invalid_prompt');
    expect(codeOf('client', 'some_code')).to.equal('invalid_prompt');
    expect(codeOf('client', 'context_length_exceeded')).to.equal('context_length_exceeded');
    expect(codeOf('provider', null)).to.equal('server_error');
  });

  it('create the response of a stream of which nothing was told, since clients take no other that fails', async () => {
    const { response, types } = await streamedToClient(brokenEnd(error, facts));
    expect(types).to.deep.equal(['created', 'failed']);
    expect(response.status).to.equal('failed');
    expect(response.id).to.match(/^resp_\w+$/);
    expect(payloadOf(brokenEnd(error, facts)).sequence_number).to.equal(1);
  });
});
