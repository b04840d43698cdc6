import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { ResponseCreateParams, ResponseInputItem } from 'openai/resources/responses/responses';
import type { HubRequest, RequestBlock, Wishes } from '../../../../src/dialects/hub.ts';
import { writeRequest } from '../../../../src/dialects/openai-responses/write-request.ts';
import { noWishes } from '../../../../src/dialects/wishes.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { asRecord, type JsonRecord } from '../../../../src/shared/json.ts';
import type { InputItem, ResponsesRequest } from '../../../../src/wire/responses-request.ts';
import { blockOf, callOf, requestOf, resultOf, textOf } from '../openai-chat/requests.ts';

/** What is written for a model, as it goes over the wire, and what was left out. */
function written(request: HubRequest, model = 'gpt-6'): { body: JsonRecord; dropped: readonly string[] } {
  const { payload, dropped } = writeRequest(request, { model, maxTokens: null });
  return { body: asRecord(JSON.parse(JSON.stringify(payload))) ?? {}, dropped };
}

function inputOf(...blocks: RequestBlock[]): unknown {
  return written(requestOf({ messages: [{ role: 'user', blocks }] })).body.input;
}

const wished = (wishes: Partial<Wishes>) => requestOf({ wishes: { ...noWishes, ...wishes } });

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError) return `${error.status} ${error.param} ${error.message}`;
    throw error;
  }
  throw new Error('it was taken');
}

/** The official types with lists that nobody writes to, as ours are. */
type Mutable<T> = { -readonly [Name in keyof T]: Mutable<T[Name]> };

/** Parts of what was said before, that have an id and a status in the official types alone. */
type Loose = Extract<InputItem, { role: 'assistant' }>;

/** Compiles only if the official client takes every item, and every field but words, that can be written. */
function official(
  item: Mutable<Exclude<InputItem, Loose | { type: 'reasoning' }>>,
  fields: Mutable<
    Pick<ResponsesRequest, 'tools' | 'tool_choice' | 'include' | 'store' | 'max_output_tokens' | 'top_p'>
  >,
): [ResponseInputItem, Partial<ResponseCreateParams>] {
  return [item, fields];
}

describe('a request for a response', () => {
  it('is of the type that the official client takes', () => {
    expect(official).to.be.a('function');
  });

  it('asks for nothing to be kept, and for thoughts that can be sent back', () => {
    const { body, dropped } = written(requestOf({}));
    expect(body).to.deep.include({ model: 'gpt-6', store: false, include: ['reasoning.encrypted_content'] });
    expect(body).to.not.have.any.keys('instructions', 'tools', 'text', 'reasoning', 'stream', 'max_output_tokens');
    expect(dropped).to.deep.equal([]);
    // Those that do not think refuse to be asked for thoughts.
    expect(written(requestOf({}), 'gpt-4.1').body).to.not.have.property('include');
  });

  it('has the first system text as its instructions, and all others where they stand', () => {
    const { body } = written(
      requestOf({
        messages: [
          { role: 'system', blocks: [textOf('Be brief.'), textOf('Be kind.')] },
          { role: 'user', blocks: [textOf('hi')] },
          { role: 'system', blocks: [textOf('Now rhyme.')] },
          { role: 'developer', blocks: [textOf('In German.')] },
        ],
      }),
    );
    expect(body.instructions).to.equal('Be brief.\nBe kind.');
    expect(body.input).to.deep.equal([
      { type: 'message', role: 'user', content: 'hi' },
      { type: 'message', role: 'system', content: 'Now rhyme.' },
      { type: 'message', role: 'developer', content: 'In German.' },
    ]);
    const alone = written(requestOf({ messages: [{ role: 'system', blocks: [textOf('Go.')] }] })).body;
    expect(alone).to.deep.include({ input: [{ type: 'message', role: 'system', content: 'Go.' }] });
    expect(alone).to.not.have.property('instructions');
  });

  it('is refused where nothing is said', () => {
    const nothing = requestOf({ messages: [{ role: 'user', blocks: [textOf('')] }] });
    expect(problemOf(() => written(nothing))).to.match(/^400 messages /);
  });

  it('has calls and their results between what is said, in their order', () => {
    const long = 'c'.repeat(80);
    const { body } = written(
      requestOf({
        messages: [
          {
            role: 'assistant',
            blocks: [
              textOf('I look.'),
              callOf('a', '{"x":9007199254740993}'),
              callOf(long, ''),
              textOf('Both.'),
              blockOf({ type: 'refusal' }, 'No more.'),
            ],
          },
          { role: 'user', blocks: [resultOf('a', [textOf('high')]), resultOf(long, []), textOf('And?')] },
        ],
      }),
    );
    const [said, call, second, both, result, empty, asked] = body.input as JsonRecord[];
    expect(said).to.deep.equal({ type: 'message', role: 'assistant', content: 'I look.' });
    expect(call).to.deep.equal({
      ...{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":9007199254740993}' },
    });
    expect(second?.arguments).to.equal('{}');
    expect(both?.content).to.deep.equal([
      { type: 'output_text', text: 'Both.' },
      { type: 'refusal', refusal: 'No more.' },
    ]);
    expect(result).to.deep.equal({ type: 'function_call_output', call_id: 'a', output: 'high' });
    // OpenAI takes no longer ids.
    expect(empty).to.deep.include({ call_id: second?.call_id, output: '' });
    expect(second?.call_id).to.have.length(64);
    expect(asked).to.deep.equal({ type: 'message', role: 'user', content: 'And?' });
  });

  it('has images and files as data, by address or by an id of OpenAI, in results too', () => {
    const image = blockOf({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'data' }, 'QUJD');
    const parts = [
      image,
      blockOf({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' }, 'https://a.example/b.png'),
      blockOf({ type: 'media', kind: 'file', mediaType: 'text/csv', name: null, from: 'data' }, 'QUJD'),
      blockOf({ type: 'media', kind: 'file', mediaType: 'image/png', name: 'a.png', from: 'data' }, 'QUJD'),
      blockOf({ type: 'media', kind: 'file', mediaType: null, name: 'a.pdf', from: 'url' }, 'https://a.example/a.pdf'),
      blockOf({ type: 'file-id', kind: 'image', of: 'openai' }, 'file-1'),
      blockOf({ type: 'file-id', kind: 'file', of: 'openai' }, 'file-2'),
    ];
    const { body, dropped } = written(requestOf({ messages: [{ role: 'user', blocks: parts }] }));
    expect(asRecord((body.input as unknown[])[0])?.content).to.deep.equal([
      { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'auto' },
      { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'auto' },
      { type: 'input_file', filename: 'file.csv', file_data: 'data:text/csv;base64,QUJD' },
      { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'auto' },
      { type: 'input_file', file_url: 'https://a.example/a.pdf' },
      { type: 'input_image', file_id: 'file-1', detail: 'auto' },
      { type: 'input_file', file_id: 'file-2' },
    ]);
    expect(dropped).to.deep.equal(['filename']);
    expect(inputOf(resultOf('a', [textOf('x'), image]))).to.deep.equal([
      {
        type: 'function_call_output',
        call_id: 'a',
        output: [
          { type: 'input_text', text: 'x' },
          { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'auto' },
        ],
      },
    ]);
  });

  it('is refused with the place of what it has no words for', () => {
    const audio = blockOf({ type: 'media', kind: 'audio', mediaType: 'audio/wav', name: null, from: 'data' }, 'QUJD');
    const id = blockOf({ type: 'file-id', kind: 'file', of: 'anthropic-messages' }, 'f');
    const foreign = blockOf({ type: 'foreign', of: 'x', name: 'n', value: {}, refusal: 'is not known' });
    for (const block of [audio, id, foreign]) expect(problemOf(() => inputOf(block))).to.match(/^400 here here /);
    const said = requestOf({ messages: [{ role: 'assistant', blocks: [audio] }] });
    expect(problemOf(() => written(said))).to.match(/^400 here here should be a text or a call/);
    expect(problemOf(() => written(requestOf({ stopSequences: ['END'], stopsAt: 'stop' })))).to.match(
      /^400 stop stop /,
    );
    expect(problemOf(() => written(requestOf({ stopSequences: ['END'] })))).to.match(/^400 stop_sequences /);
  });

  it('leaves out, and names, what the answer does not depend on', () => {
    const left = [
      blockOf({ type: 'reasoning', form: 'raw' }, 'hm'),
      blockOf({ type: 'call', callId: 's', name: 'search', by: 'provider' }, '{}'),
      blockOf({ type: 'foreign', of: 'x', name: 'search_result', value: {}, refusal: null }),
      { ...textOf('It is so.'), attached: [{ type: 'citation', of: 'x', data: '{}' } as const] },
    ];
    const messages: HubRequest['messages'] = [
      { role: 'assistant', blocks: left },
      { role: 'user', blocks: [blockOf({ type: 'result', callId: 'a', name: null, content: [], isError: true })] },
    ];
    const { body, dropped } = written(requestOf({ messages, maxTokens: 1 }));
    expect(body.input).to.deep.equal([
      { type: 'message', role: 'assistant', content: 'It is so.' },
      { type: 'function_call_output', call_id: 'a', output: '' },
    ]);
    // OpenAI refuses a lower limit.
    expect(body.max_output_tokens).to.equal(16);
    expect(dropped).to.have.members([
      'reasoning',
      'server_tool_use',
      'search_result',
      'citations',
      'is_error',
      'max_tokens',
    ]);
  });

  it('says of each tool whether it is strict, since what is not said is', () => {
    const tool = { name: 'f', description: null, schema: null, isStrict: false, cache: null };
    const tools = [tool, { ...tool, name: 'g', description: 'd', schema: { a: 1 }, isStrict: true }];
    const { body } = written(requestOf({ tools, toolChoice: { type: 'tool', name: 'g' }, parallelCalls: false }));
    expect(body).to.deep.include({
      tools: [
        { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
        { type: 'function', name: 'g', description: 'd', parameters: { a: 1 }, strict: true },
      ],
      tool_choice: { type: 'function', name: 'g' },
      parallel_tool_calls: false,
    });
    expect(written(requestOf({ toolChoice: { type: 'auto' } })).body).to.not.have.property('tool_choice');
  });

  it('has the wishes in the fields of this API, as far as the model knows them', () => {
    const wishes: Partial<Wishes> = {
      format: {
        value: { type: 'schema', schema: { type: 'object' }, name: null, description: null, isStrict: true },
        at: 'output_config.format',
      },
      effort: { value: 'high', at: 'e' },
      summary: { value: 'auto', at: 's' },
      verbosity: { value: 'low', at: 'v' },
      serviceTier: { value: 'flex', at: 't' },
      user: { value: 'ann@example.com', at: 'metadata.user_id' },
      topK: { value: 3, at: 'top_k' },
    };
    const { body, dropped } = written(wished(wishes));
    expect(body).to.deep.include({
      text: {
        format: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: false },
        verbosity: 'low',
      },
      reasoning: { effort: 'high', summary: 'auto' },
      service_tier: 'flex',
    });
    expect(body.user).to.match(/^[\da-f]{64}$/);
    expect(dropped).to.deep.equal(['top_k', 'output_config.format.strict']);
    const old = written(wished(wishes), 'gpt-4o');
    expect(old.body).to.not.have.property('reasoning');
    expect(old.dropped).to.include.members(['e', 's', 'v']);
    const other = written(wished(wishes), 'local');
    expect(other.body).to.not.have.property('user');
    expect(other.dropped).to.deep.equal(['top_k', 'metadata.user_id']);
  });

  it('asks for a summary where a client of Anthropic’s wants to see thoughts', () => {
    const thinking = (value: JsonRecord) => written(wished({ thinking: { value, at: 'thinking' } }));
    const shown = thinking({ type: 'adaptive', display: 'summarized' });
    expect(shown.body.reasoning).to.deep.equal({ summary: 'auto' });
    expect(shown.dropped).to.deep.equal(['thinking']);
    expect(thinking({ type: 'adaptive' }).body).to.not.have.property('reasoning');
    expect(thinking({ type: 'disabled' }).dropped).to.deep.equal([]);
  });

  it('passes on to OpenAI what both of its dialects know, and names it before others', () => {
    const extensions = [{ of: 'openai', name: 'prompt_cache_key', value: 'k', refusal: null }];
    expect(written(requestOf({ extensions })).body).to.deep.include({ prompt_cache_key: 'k' });
    expect(written(requestOf({ extensions }), 'local').dropped).to.deep.equal(['prompt_cache_key']);
  });
});
