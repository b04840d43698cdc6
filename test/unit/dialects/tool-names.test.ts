import { expect } from 'chai';
import { describe, it } from 'mocha';
import { takenName } from '../../../src/dialects/tool-names.ts';
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

describe('a name of a tool that a target does not take', () => {
  const short = takenName(long, 64);

  it('is short wherever the request has it, and another for each', () => {
    expect(short)
      .to.match(/^mcp__server_[\w]*_[\da-f]{8}$/)
      .and.have.length(64);
    expect(takenName(`${long}2`, 64)).to.not.equal(short);
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

  it('is another one that is taken, and itself again, where it has characters that targets refuse', () => {
    const names = ['fs.read file', 'fs_read_file', 'fs.read.file', 'é'];
    const taken = names.map((name) => takenName(name, 64));
    expect(new Set(taken).size).to.equal(names.length);
    for (const name of taken) expect(name).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(taken[1]).to.equal('fs_read_file');
    const { payload, asked } = sent(names);
    expect(payload.tools.map((tool: { function: { name: string } }) => tool.function.name)).to.deep.equal(taken);
    const message = { role: 'assistant', tool_calls: taken.map(called) };
    const completion = Buffer.from(JSON.stringify({ choices: [{ index: 0, finish_reason: 'tool_calls', message }] }));
    const { content } = JSON.parse(codec.answer(completion, answerContext({ asked }), null).body.toString());
    expect(content.map(({ name }: { name: string }) => name)).to.deep.equal(names);
  });

  it('is as long as Anthropic takes it, of tools in a namespace too', () => {
    const body = {
      model: 'm',
      input: [{ role: 'user', content: 'hi' }],
      tools: [
        { type: 'namespace', name: 'srv.one', tools: [{ type: 'function', name: 'do it', parameters: {} }] },
        { type: 'function', name: 'x'.repeat(129), parameters: {} },
        { type: 'function', name: 'a.b', parameters: {} },
      ],
    };
    const responses = codecOf('openai-responses', 'anthropic-messages');
    const arrived = arrivedAt(responses.inbound, Buffer.from(JSON.stringify(body)));
    const { body: written, asked } = responses.request(arrived, { model: 'm', maxTokens: null });
    const { tools } = JSON.parse(inOneBuffer(written).toString());
    for (const { name } of tools) expect(name).to.match(/^[a-zA-Z0-9_-]{1,128}$/);
    const content = tools.map(({ name }: { name: string }) => ({ type: 'tool_use', id: name, name, input: {} }));
    const answer = { id: 'm', type: 'message', role: 'assistant', content, stop_reason: 'tool_use' };
    const made = responses.answer(Buffer.from(JSON.stringify(answer)), answerContext({ asked }), null);
    const { output } = JSON.parse(made.body.toString());
    const called = output.map(({ name, namespace }: Record<string, string>) => [namespace ?? null, name]);
    expect(called).to.deep.equal([
      ['srv.one', 'do it'],
      [null, 'x'.repeat(129)],
      [null, 'a.b'],
    ]);
  });

  it('costs nothing where all names are taken', () => {
    expect(sent(['f']).asked).to.equal(null);
  });
});
