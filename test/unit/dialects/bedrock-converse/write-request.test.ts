/** What is particular to requests of Bedrock's, made of those of clients of every dialect. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { inOneBuffer } from '../../../../src/wire/pieced-bytes.ts';
import { arrivedAt, codecOf } from '../../../helpers/codecs.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const NOVA = 'amazon.nova-pro-v1:0';
const LLAMA = 'us.meta.llama4-scout-17b-instruct-v1:0';

interface Sent {
  readonly body: Record<string, unknown>;
  readonly dropped: readonly string[];
}

function sent(inbound: string, body: object, model: string, maxTokens: number | null = null): Sent {
  const codec = codecOf(inbound, 'bedrock-converse');
  const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify({ model: 'm', ...body })));
  const { body: bytes, droppedParams } = codec.request(arrived, { model, maxTokens });
  return { body: JSON.parse(inOneBuffer(bytes).toString()), dropped: droppedParams };
}

const chat = (body: object, model = NOVA) =>
  sent('openai-chat', { messages: [{ role: 'user', content: 'hi' }], ...body }, model);
const message = (body: object, model = CLAUDE) =>
  sent('anthropic-messages', { max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], ...body }, model);
const refusal = (act: () => unknown) => thrownBy(GatewayError, act);

const hi = [{ role: 'user', content: [{ text: 'hi' }] }];
const tool = {
  type: 'function',
  function: { name: 'tide', description: '', parameters: { type: 'object', properties: {} } },
};
const toolCalls = [{ id: 'a.b', type: 'function', function: { name: 'tide', arguments: '{"port":"Emden"}' } }];

describe('a request of Converse', () => {
  it('names no model, and has all limits in one place', () => {
    expect(chat({ max_tokens: 5, temperature: 0.5, top_p: 0.9, stop: ['END'] })).to.deep.equal({
      body: {
        messages: hi,
        inferenceConfig: { maxTokens: 5, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
      },
      dropped: [],
    });
    expect(chat({ stream: true }).body).to.deep.equal({ messages: hi });
    expect(
      sent('openai-chat', { messages: [{ role: 'user', content: 'hi' }] }, NOVA, 7).body.inferenceConfig,
    ).to.deep.equal({
      maxTokens: 7,
    });
    expect(chat({ temperature: 1.5 })).to.deep.include({ dropped: ['temperature'] });
  });

  it('has one system prompt, and turns that alternate', () => {
    const { body } = chat({
      messages: [
        { role: 'system', content: 'a' },
        { role: 'user', content: 'b' },
        {
          role: 'user',
          content: [
            { type: 'text', text: ' ' },
            { type: 'text', text: 'c' },
          ],
        },
        { role: 'developer', content: 'd' },
        { role: 'assistant', content: 'e' },
        { role: 'user', content: 'f' },
      ],
    });
    expect(body.system).to.deep.equal([{ text: 'a' }, { text: 'd' }]);
    expect(body.messages).to.deep.equal([
      { role: 'user', content: [{ text: 'b' }, { text: 'c' }] },
      { role: 'assistant', content: [{ text: 'e' }] },
      { role: 'user', content: [{ text: 'f' }] },
    ]);
  });

  it('calls tools by ids that Bedrock takes, with their results first, and each once', () => {
    const long = 'x'.repeat(80);
    const { body } = chat({
      tools: [tool],
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'ok', tool_calls: [...toolCalls, { ...toolCalls[0], id: long }] },
        { role: 'tool', tool_call_id: 'a.b', content: 'high' },
        { role: 'user', content: 'and?' },
        { role: 'tool', tool_call_id: long, content: 'low' },
        { role: 'tool', tool_call_id: 'a.b', content: 'tide' },
      ],
    });
    const [, asked, answered] = body.messages as { content: Record<string, Record<string, unknown>>[] }[];
    const ids = asked?.content.flatMap(({ toolUse }) => toolUse?.toolUseId ?? []) as string[];
    expect(ids[0]).to.equal('a_b');
    expect(ids[1]).to.equal('x'.repeat(40));
    expect(answered?.content).to.deep.equal([
      { toolResult: { toolUseId: ids[0], content: [{ text: 'high' }, { text: 'tide' }] } },
      { toolResult: { toolUseId: ids[1], content: [{ text: 'low' }] } },
      { text: 'and?' },
    ]);
    expect(body.toolConfig).to.deep.equal({
      tools: [{ toolSpec: { name: 'tide', inputSchema: { json: { type: 'object', properties: {} } } } }],
    });
  });

  it('declares the tools that were called where the client offers none', () => {
    const history = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: toolCalls },
      { role: 'tool', tool_call_id: 'a.b', content: '' },
    ];
    const { body } = chat({ messages: history });
    expect(body.toolConfig).to.deep.equal({
      tools: [{ toolSpec: { name: 'tide', inputSchema: { json: { type: 'object' } } } }],
    });
    expect((body.messages as unknown[])[2]).to.deep.equal({
      role: 'user',
      content: [{ toolResult: { toolUseId: 'a_b', content: [] } }],
    });
    expect(refusal(() => chat({ messages: history, tools: [tool], tool_choice: 'none' })).param).to.equal(
      'tool_choice',
    );
    expect(chat({ tools: [tool], tool_choice: 'none' })).to.deep.equal({
      body: { messages: hi },
      dropped: ['tools', 'tool_choice'],
    });
  });

  it('has choices in its own words, and one call at a time in those of Claude', () => {
    const choice = (body: object, model: string) => chat({ tools: [tool], ...body }, model).body;
    expect(choice({ tool_choice: 'required' }, NOVA).toolConfig).to.deep.include({ toolChoice: { any: {} } });
    const named = { type: 'function', function: { name: 'tide' } };
    expect(choice({ tool_choice: named }, NOVA).toolConfig).to.deep.include({ toolChoice: { tool: { name: 'tide' } } });
    const alone = choice({ tool_choice: named, parallel_tool_calls: false }, CLAUDE);
    expect(alone.toolConfig).to.not.have.property('toolChoice');
    expect(alone.additionalModelRequestFields).to.deep.equal({
      tool_choice: { type: 'tool', name: 'tide', disable_parallel_tool_use: true },
    });
    expect(chat({ tools: [tool], parallel_tool_calls: false }).dropped).to.deep.equal(['parallel_tool_calls']);
    const newest = () => chat({ tools: [tool], tool_choice: 'required' }, 'anthropic.claude-opus-5-5');
    expect(refusal(newest).param).to.equal('tool_choice');
  });

  it('is strict where the model can be', () => {
    const strict = { ...tool, function: { ...tool.function, strict: true } };
    const specOf = (model: string) => JSON.stringify(chat({ tools: [strict] }, model).body.toolConfig);
    expect(specOf(CLAUDE)).to.include('"strict":true');
    expect(specOf(NOVA)).to.not.include('strict');
    expect(chat({ tools: [strict] }).dropped).to.deep.equal(['tools.strict']);
  });

  it('holds the answer to a schema as a text, or refuses that', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] };
    const response_format = { type: 'json_schema', json_schema: { name: 'an answer', schema, strict: true } };
    const { body, dropped } = chat({ response_format }, 'us.deepseek.v3-2');
    const { textFormat } = body.outputConfig as { textFormat: { structure: { jsonSchema: { schema: string } } } };
    expect(textFormat).to.deep.include({ type: 'json_schema' });
    expect(textFormat.structure.jsonSchema).to.include({ name: 'an_answer' });
    expect(JSON.parse(textFormat.structure.jsonSchema.schema)).to.deep.include({ additionalProperties: false });
    expect(dropped).to.deep.equal(['response_format.minimum']);
    for (const model of [LLAMA, 'anthropic.claude-3-haiku-20240307-v1:0']) {
      expect(refusal(() => chat({ response_format }, model)).param).to.equal('response_format');
    }
    expect(refusal(() => chat({ response_format: { type: 'json_object' } })).param).to.equal('response_format');
  });

  it('says what only a maker’s models know in the maker’s words', () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    expect(message({ thinking, top_k: 5, max_tokens: 4_000 })).to.deep.equal({
      body: {
        messages: hi,
        inferenceConfig: { maxTokens: 4_000 },
        additionalModelRequestFields: { thinking },
      },
      dropped: ['top_k'],
    });
    expect(message({ top_k: 5 }).body.additionalModelRequestFields).to.deep.equal({ top_k: 5 });
    expect(message({ top_k: 5 }, NOVA).body.additionalModelRequestFields).to.deep.equal({
      inferenceConfig: { topK: 5 },
    });
    expect(message({ top_k: 5, thinking }, LLAMA).dropped).to.have.members(['top_k', 'thinking']);
    expect(
      chat({ reasoning_effort: 'high' }, 'openai.gpt-oss-120b-1:0').body.additionalModelRequestFields,
    ).to.deep.equal({
      reasoning_effort: 'high',
    });
    expect(
      chat({ reasoning_effort: 'low' }, 'amazon.nova-2-lite-v1:0').body.additionalModelRequestFields,
    ).to.deep.equal({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
    });
    expect(chat({ reasoning_effort: 'high' }, 'anthropic.claude-opus-4-6-v1').body.outputConfig).to.deep.equal({
      effort: 'high',
    });
    expect(chat({ reasoning_effort: 'high' }, LLAMA).dropped).to.deep.equal(['reasoning_effort']);
    expect(chat({ service_tier: 'flex' }).body.serviceTier).to.deep.equal({ type: 'flex' });
    expect(chat({ service_tier: 'scale', user: 'u' }).dropped).to.have.members(['service_tier', 'user']);
  });

  it('asks Claude which stop sequence was met', () => {
    const paths = (stream: boolean) =>
      message({ stop_sequences: ['END'], stream }).body.additionalModelResponseFieldPaths;
    expect([paths(true), paths(false)]).to.deep.equal([['/delta/stop_sequence'], ['/stop_sequence']]);
  });

  it('sets marks for the cache behind what bears them, where the model has one', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const body = {
      system: [{ type: 'text', text: 'a', cache_control }],
      tools: [{ name: 'tide', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'tide', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'high', cache_control }] },
          ],
        },
      ],
    };
    const marked = message(body).body;
    const point = { cachePoint: { type: 'default', ttl: '1h' } };
    expect(marked.system).to.deep.equal([{ text: 'a' }, point]);
    expect((marked.toolConfig as { tools: unknown[] }).tools[1]).to.deep.equal({ cachePoint: { type: 'default' } });
    const [, , results] = marked.messages as { content: unknown[] }[];
    expect(results?.content).to.deep.equal([{ toolResult: { toolUseId: 'a', content: [{ text: 'high' }] } }, point]);
    const other = message(body, LLAMA);
    expect(JSON.stringify(other.body)).to.not.include('cachePoint');
    expect(other.dropped).to.deep.equal(['cache_control']);
    expect((message({ cache_control }).body.messages as { content: unknown[] }[])[0]?.content).to.deep.equal([
      { text: 'hi' },
      point,
    ]);
  });

  it('brings thoughts back to Claude alone, as it has signed them', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'proof' },
          { type: 'redacted_thinking', data: 'hidden' },
          { type: 'text', text: 'a' },
        ],
      },
      { role: 'user', content: 'b' },
    ];
    const [, turn] = message({ messages }).body.messages as { content: unknown[] }[];
    expect(turn?.content).to.deep.equal([
      { reasoningContent: { reasoningText: { text: 'hm', signature: 'proof' } } },
      { reasoningContent: { redactedContent: 'hidden' } },
      { text: 'a' },
    ]);
    expect(message({ messages }, NOVA).dropped).to.deep.equal(['reasoning']);
  });

  it('has another name for each document, whatever their files are called, in whatever case', () => {
    const names = ['report 2.pdf', 'Report.pdf', 'report.pdf', 'REPORT.pdf', null, null];
    const documents = names.map((filename) => ({
      type: 'file',
      file: { ...(filename === null ? {} : { filename }), file_data: 'data:application/pdf;base64,BBBB' },
    }));
    const { messages } = chat({ messages: [{ role: 'user', content: [...documents, { type: 'text', text: 'hi' }] }] })
      .body as { messages: { content: { document?: { name: string } }[] }[] };
    const written = messages[0]?.content.flatMap(({ document }) => (document === undefined ? [] : document.name)) ?? [];
    expect(written).to.have.length(names.length);
    expect(new Set(written.map((name) => name.toLowerCase())).size).to.equal(names.length);
    expect(written.slice(0, 2)).to.deep.equal(['report 2', 'Report']);
  });

  it('holds media as their bytes, documents with names that are taken', () => {
    const file = (filename: string, data: string) => ({ type: 'file', file: { filename, file_data: data } });
    const { body } = chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AAAA' } },
            file('Q3_report, final.pdf', 'data:application/pdf;base64,BBBB'),
            file('Q3_report, final.pdf', 'data:application/pdf;base64,CCCC'),
            file('notes.md', 'data:text/markdown;base64,DDDD'),
          ],
        },
      ],
    });
    expect((body.messages as { content: unknown[] }[])[0]?.content).to.deep.equal([
      { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
      { document: { format: 'pdf', name: 'Q3-report- final', source: { bytes: 'BBBB' } } },
      { document: { format: 'pdf', name: 'Q3-report- final 2', source: { bytes: 'CCCC' } } },
      { document: { format: 'md', name: 'notes', source: { bytes: 'DDDD' } } },
    ]);
    const images = (url: string) => () =>
      chat({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
    expect(refusal(images('https://example.com/a.png')).message).to.include('fetches nothing');
    expect(refusal(images('data:image/tiff;base64,AAAA')).message).to.include('media type');
  });

  it('moves long texts as they are, and keeps names short that Bedrock bounds', () => {
    const long = 'He said: "x\\y" é '.repeat(1_000);
    const id = 'x'.repeat(6_000);
    const schema = { type: 'object', description: long, properties: {}, additionalProperties: false };
    const { body } = chat(
      {
        tools: [tool],
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: long },
              {
                type: 'file',
                file: { filename: `${long}.pdf`, file_data: `data:application/pdf;base64,${'QUJD'.repeat(9_000)}` },
              },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id, type: 'function', function: { name: 'tide', arguments: JSON.stringify({ long }) } }],
          },
          { role: 'tool', tool_call_id: id, content: long },
        ],
      },
      CLAUDE,
    );
    const [asked, called, answered] = body.messages as { content: Record<string, Record<string, unknown>>[] }[];
    expect(asked?.content[0]?.text).to.equal(long);
    const { document } = asked?.content[1] ?? {};
    expect(document?.source).to.deep.equal({ bytes: 'QUJD'.repeat(9_000) });
    expect(document?.name).to.match(/^[A-Za-z0-9\-()[\] ]{90,100}$/);
    expect(called?.content[0]?.toolUse?.input).to.deep.equal({ long });
    expect(answered?.content[0]?.toolResult?.content).to.deep.equal([{ text: long }]);
    expect(answered?.content[0]?.toolResult?.toolUseId).to.equal(called?.content[0]?.toolUse?.toolUseId);
    const { textFormat } = body.outputConfig as { textFormat: { structure: { jsonSchema: { schema: string } } } };
    expect(JSON.parse(textFormat.structure.jsonSchema.schema).description).to.equal(long);
  });

  it('tells that a tool has failed where the model takes that', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'tide', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'no', is_error: true }] },
    ];
    expect(JSON.stringify(message({ messages }).body)).to.include('"status":"error"');
    expect(message({ messages }, LLAMA).dropped).to.deep.equal(['is_error']);
  });

  it('goes on with a begun answer where the model does', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'It is ' },
    ];
    const [, turn] = message({ messages }).body.messages as { content: unknown[] }[];
    expect(turn?.content).to.deep.equal([{ text: 'It is' }]);
    expect(refusal(() => message({ messages }, 'anthropic.claude-opus-4-6-v1')).param).to.equal('messages');
    expect(message({ messages }, LLAMA).dropped).to.deep.equal(['messages.prefill']);
  });
});
