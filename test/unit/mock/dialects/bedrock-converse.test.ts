/** The fake Bedrock, read by Amazon's own client. */
import type { ConverseCommandInput, Message } from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bedrockClient, converse, converseStream, failureOf } from '../../../helpers/bedrock-client.ts';
import { useMock } from '../running-mock.ts';

const question: ConverseCommandInput = {
  modelId: 'amazon.nova-pro-v1:0',
  messages: [{ role: 'user', content: [{ text: 'Hello, ünïcode 🙂!' }] }],
};
const withTool: ConverseCommandInput = {
  ...question,
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: 'tide',
          inputSchema: { json: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] } },
        },
      },
    ],
    toolChoice: { any: {} },
  },
};
const said = 'You said: "Hello, ünïcode 🙂!". This is the fake bedrock provider, answering as amazon.nova-pro-v1:0.';

describe('the fake bedrock provider', () => {
  const mock = useMock('bedrock');
  const client = () => bedrockClient(mock.url);

  it('answers whole and in frames, with its tokens', async () => {
    const whole = await converse(client(), question);
    expect(whole).to.include({ text: said, stopReason: 'end_turn' });
    expect(whole.tokens?.output).to.be.above(0);
    expect(await converseStream(client(), question)).to.deep.equal(whole);
    expect(mock.control.stats().byModel).to.deep.equal({ 'amazon.nova-pro-v1:0': 2 });
  });

  it('calls a tool, whole and in pieces', async () => {
    const whole = await converse(client(), withTool);
    expect(whole.calls.map(({ name, input }) => [name, input])).to.deep.equal([['tide', '{"port":"example"}']]);
    expect(whole.stopReason).to.equal('tool_use');
    expect(await converseStream(client(), withTool)).to.deep.equal(whole);
  });

  it('stops at the limit', async () => {
    const limited = { ...question, inferenceConfig: { maxTokens: 2 } };
    expect(await converseStream(client(), limited)).to.include({ text: said.slice(0, 8), stopReason: 'max_tokens' });
  });

  it('names its errors as the client expects', async () => {
    const names = { 400: 'ValidationException', 403: 'AccessDeniedException', 429: 'ThrottlingException' };
    for (const [status, name] of Object.entries(names)) {
      mock.control.setFault({ kind: 'status', status: Number(status) });
      expect((await failureOf(converseStream(client(), question))).name).to.equal(name);
    }
  });

  it('fails within a stream so that the client says so', async () => {
    mock.control.setFault({ kind: 'error-in-stream' });
    expect((await failureOf(converseStream(client(), question))).name).to.equal('ServiceUnavailableException');
    mock.control.setFault({ kind: 'bad-chunk' });
    expect((await failureOf(converseStream(client(), question))).message).to.match(/checksum/i);
    mock.control.setFault({ kind: 'end-early', inside: true });
    expect((await failureOf(converseStream(client(), question))).message).to.match(/truncated/i);
    mock.control.setFault({ kind: 'cut', inside: true, how: 'rst' });
    expect((await failureOf(converseStream(client(), question))).message).to.match(/aborted|reset/i);
  });

  it('is whole without content, byte by byte, and with the last event missing', async () => {
    mock.control.setFault({ kind: 'empty' });
    expect(await converseStream(client(), question)).to.include({ text: '', stopReason: 'end_turn' });
    mock.control.setFault({ kind: 'split' });
    expect(await converseStream(client(), question)).to.include({ text: said });
    mock.control.setFault({ kind: 'finish-then-no-end' });
    expect(await converseStream(client(), question)).to.include({ text: said, tokens: null });
  });

  it('refuses what the real one refuses', async () => {
    const user: Message = { role: 'user', content: [{ text: 'a' }] };
    const call = { toolUse: { toolUseId: 'a', name: 'tide', input: {} } };
    const result = { toolResult: { toolUseId: 'a', content: [{ text: 'high' }] } };
    const { toolConfig } = withTool;
    const refused: ConverseCommandInput[] = [
      { ...question, messages: [] },
      { ...question, messages: [user, user] },
      { ...question, messages: [{ role: 'assistant', content: [{ text: 'a' }] }] },
      { ...question, messages: [{ role: 'user', content: [{ text: ' ' }] }] },
      { ...question, inferenceConfig: { temperature: 2 } },
      { ...question, messages: [user, { role: 'assistant', content: [call] }, { role: 'user', content: [result] }] },
      { ...question, toolConfig, messages: [{ role: 'user', content: [result] }] },
      { ...question, toolConfig, messages: [user, { role: 'assistant', content: [call] }, user] },
    ];
    for (const input of refused) {
      const error = await failureOf(converse(client(), input));
      expect([error.name, JSON.stringify(input)]).to.deep.equal(['ValidationException', JSON.stringify(input)]);
    }
    const messages: Message[] = [user, { role: 'assistant', content: [call] }, { role: 'user', content: [result] }];
    expect(await converse(client(), { ...question, toolConfig, messages })).to.include({
      stopReason: 'end_turn',
    });
  });
});
