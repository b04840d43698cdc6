import { expect } from 'chai';
import { describe, it } from 'mocha';
import { shortName } from '../../../src/dialects/tool-names.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { dataOf } from './events.ts';

const long = `mcp__${'server_'.repeat(10)}_tool`;
const codec = codecOf('anthropic-messages', 'openai-chat');

function sent(names: readonly string[]) {
  const body = {
    model: 'm',
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: names[0], input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
    ],
    tools: names.map((name) => ({ name, input_schema: { type: 'object', properties: {} } })),
    tool_choice: { type: 'tool', name: names[0] },
  };
  const request = codec.request(arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body))), {
    model: 'gpt-5',
    maxTokens: null,
  });
  return { payload: JSON.parse(inOneBuffer(request.body).toString()), asked: request.asked };
}

/** A call of a tool, in a whole answer and as an event of a stream. */
const called = (name: string) => ({ id: 'a', type: 'function', function: { name, arguments: '{}' } });

describe('a name of a tool that is too long for a target', () => {
  const short = shortName(long, 64);

  it('is short wherever the request has it, and another for each', () => {
    expect(short)
      .to.match(/^mcp__server_[\w]*_[\da-f]{8}$/)
      .and.have.length(64);
    expect(shortName(`${long}2`, 64)).to.not.equal(short);
    const { payload } = sent([long, 'f']);
    expect(payload.tools.map((tool: { function: { name: string } }) => tool.function.name)).to.deep.equal([short, 'f']);
    expect(payload.tool_choice.function.name).to.equal(short);
    expect(payload.messages[1].tool_calls[0].function.name).to.equal(short);
  });

  it('is itself again in the answer, whole or streamed', () => {
    const context = answerContext({ asked: sent([long, 'f']).asked });
    const choice = { index: 0, finish_reason: 'tool_calls' };
    const completion = {
      choices: [{ ...choice, message: { role: 'assistant', tool_calls: [called(short), called('f')] } }],
    };
    const { content } = JSON.parse(
      codec.answer(Buffer.from(JSON.stringify(completion)), context, null).body.toString(),
    );
    expect(content.map(({ name }: { name: string }) => name)).to.deep.equal([long, 'f']);
    const stream = codec.stream(context);
    const { bytes } = stream.push(
      dataOf({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...called(short) }] } }] }),
    );
    expect(bytes.toString()).to.include(`"name":"${long}"`);
  });

  it('costs nothing where no name is too long', () => {
    expect(sent(['f']).asked).to.equal(null);
  });
});
