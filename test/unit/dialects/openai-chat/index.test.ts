import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../src/dialects/openai-chat/index.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { answerContext, arrivedAt, codecOf } from '../../../helpers/codecs.ts';
import { dataOf } from '../events.ts';

const eventsIn = (bytes: Buffer) => new SseSplitter().push(bytes);

describe('the chat dialect', () => {
  it('has the key of a client in its authorization', () => {
    const keyOf = (authorization?: string) => openaiChat.clientKey({ authorization });
    for (const sent of ['Bearer sk-1', 'bearer  sk-1 ', 'BEARER sk-1']) expect(keyOf(sent)).to.equal('sk-1');
    for (const sent of [undefined, '', 'sk-1', 'Basic sk-1', 'Bearer a b']) expect(keyOf(sent)).to.equal(null);
  });

  it('writes an error as a body and as the last event of a stream, the same', () => {
    const error = { message: 'm', type: 'invalid_request_error', code: 'c', param: null } as const;
    const facts = { owner: 'client', provider: null, attempts: '', request_id: 'r' };
    const body = openaiChat.writeError(error, facts).toString();
    expect(JSON.parse(body)).to.deep.equal({ error: { ...error, headgate: facts } });
    expect(JSON.parse(openaiChat.writeError(error).toString())).to.deep.equal({ error });
    expect(eventsIn(openaiChat.brokenEnd(error, facts)).map(({ data }) => data)).to.deep.equal([body]);
  });

  it('says nothing to a client that waits', () => {
    const [event] = eventsIn(openaiChat.keepAlive(undefined));
    expect([event?.data, event?.event]).to.deep.equal([null, '']);
  });

  it('probes with a request that it takes itself, and that others can be asked', () => {
    const probe = Buffer.from(JSON.stringify(openaiChat.probe('gpt-4')));
    const arrived = arrivedAt(openaiChat, probe);
    expect(arrived.outline).to.include({ model: 'gpt-4', stream: false });
    const { body, droppedParams } = codecOf('openai-chat', 'anthropic-messages').request(arrived, {
      model: 'gpt-4',
      maxTokens: null,
    });
    expect(JSON.parse(body.toString()).max_tokens).to.equal(16);
    expect(droppedParams).to.deep.equal([]);
  });

  it('makes events of a whole answer that collect to the same', () => {
    const message = { role: 'assistant', content: 'hi', refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage };
    const { events, terminal } = openaiChat.split(
      Buffer.from(JSON.stringify(completion)),
      answerContext({ includeUsage: true }),
    );
    expect(eventsIn(terminal).map(({ data }) => data)).to.deep.equal(['[DONE]']);
    const collector = openaiChat.collect();
    for (const event of eventsIn(events)) collector.push(event);
    collector.push(dataOf('not json'));
    expect(JSON.parse(collector.body().toString())).to.deep.equal(completion);
  });
});
