/**
 * Requests of the official client of the Responses API, as a target of another dialect gets them: what is asked, whose
 * turn it was, and which tools there are must be the same.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type {
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseOutputText,
  Tool,
} from 'openai/resources/responses/responses';
import { arrivedAt, codecOf } from '../helpers/codecs.ts';
import { wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';

const tools: Tool[] = [
  { type: 'function', name: 'tide', strict: false, parameters: { type: 'object', properties: {} } },
  { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: PATCH' } },
  {
    type: 'namespace',
    name: 'sea',
    description: 'At sea',
    tools: [{ type: 'function', name: 'wind', parameters: { type: 'object' } }],
  },
];

const input: ResponseInputItem[] = [
  { role: 'developer', content: 'Answer in one word.' },
  {
    role: 'user',
    content: [
      { type: 'input_text', text: 'What is this?' },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' },
    ],
  },
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
  { type: 'message', role: 'assistant', id: 'msg_1', status: 'completed', content: [outputText('A port.')] },
  { type: 'function_call', call_id: 'call_1', name: 'tide', arguments: '{}' },
  { type: 'function_call', call_id: 'call_2', name: 'wind', namespace: 'sea', arguments: '{"at":1}' },
  { type: 'custom_tool_call', call_id: 'call_3', name: 'apply_patch', input: '*** Begin Patch\n' },
  { type: 'function_call_output', call_id: 'call_1', output: 'high' },
  { type: 'function_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'west' }] },
  { type: 'custom_tool_call_output', call_id: 'call_3', output: 'done' },
];

function outputText(text: string): ResponseOutputText {
  return { type: 'output_text', text, annotations: [] };
}

/** As Codex asks. */
const asked: ResponseCreateParamsNonStreaming = {
  model: 'gpt-4',
  instructions: 'Be brief.',
  input,
  tools,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'low', summary: 'auto' },
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'thread',
  max_output_tokens: 100,
};

describe('requests for responses', () => {
  let replay: Replay;
  before(async () => {
    replay = await Replay.start();
  });
  after(() => replay.stop());

  /** What the target gets of what the client sends. */
  async function sent(outbound: string, params: ResponseCreateParamsNonStreaming = asked) {
    const answer = wholeAnswers('openai-responses').find(({ name }) => name === 'own openai-responses/text');
    replay.answerWith('application/json', Buffer.from(answer?.text ?? ''));
    await new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 }).responses.create(params);
    expect(replay.seen?.path).to.equal('/responses');
    const codec = codecOf('openai-responses', outbound);
    const bytes = Buffer.from(JSON.stringify(replay.seen?.body));
    const {
      body,
      droppedParams,
      asked: kept,
    } = codec.request(arrivedAt(codec.inbound, bytes), {
      model: 'target',
      maxTokens: null,
    });
    return { payload: JSON.parse(body.toString()), droppedParams, kept, bytes };
  }

  it('are a chat in front of chat completions', async () => {
    const { payload, droppedParams, kept } = await sent('openai-chat');
    const { messages, tools: offered, ...params } = payload;
    expect(messages).to.deep.equal([
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: 'Answer in one word.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        ],
      },
      {
        role: 'assistant',
        content: 'A port.',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'tide', arguments: '{}' } },
          { id: 'call_2', type: 'function', function: { name: 'sea__wind', arguments: '{"at":1}' } },
          {
            id: 'call_3',
            type: 'function',
            function: { name: 'apply_patch', arguments: '{"input":"*** Begin Patch\\n"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'high' },
      { role: 'tool', tool_call_id: 'call_2', content: 'west' },
      { role: 'tool', tool_call_id: 'call_3', content: 'done' },
    ]);
    const names = offered.map((tool: { function: { name: string } }) => tool.function.name);
    expect(names).to.deep.equal(['tide', 'apply_patch', 'sea__wind']);
    expect(params).to.deep.equal({
      model: 'target',
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning_effort: 'low',
      max_tokens: 100,
    });
    expect(droppedParams).to.include.members(['include', 'reasoning', 'reasoning.summary', 'tools.format']);
    expect(kept).to.deep.include({ instructions: 'Be brief.', tool_choice: 'auto' });
  });

  it('are alternating turns in front of messages', async () => {
    const { payload, droppedParams } = await sent('anthropic-messages');
    expect(payload.system).to.equal('Be brief.\nAnswer in one word.');
    const turns = payload.messages.map(({ role, content }: { role: string; content: { type: string }[] }) => [
      role,
      content.map(({ type }) => type).join(' '),
    ]);
    expect(turns).to.deep.equal([
      ['user', 'text image'],
      ['assistant', 'text tool_use tool_use tool_use'],
      ['user', 'tool_result tool_result tool_result'],
    ]);
    expect(payload.messages[1].content[3].input).to.deep.equal({ input: '*** Begin Patch\n' });
    expect(payload.output_config).to.deep.equal({ effort: 'low' });
    // A summary of thoughts comes by itself.
    expect(droppedParams)
      .to.include('tools.format')
      .and.not.include('reasoning.effort')
      .and.not.include('reasoning.summary');
  });

  it('keep long texts, byte for byte', async () => {
    const patch = 'é "quoted" \\ 😀\n'.repeat(1_000);
    const item: ResponseInputItem = { type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: patch };
    const instructions = 'x'.repeat(5_000);
    const params = { ...asked, instructions, input: [{ role: 'user' as const, content: patch }, item] };
    const { payload, kept } = await sent('openai-chat', params);
    expect(payload.messages[0].content).to.equal(instructions);
    expect(payload.messages[1].content).to.equal(patch);
    expect(JSON.parse(payload.messages[2].tool_calls[0].function.arguments)).to.deep.equal({ input: patch });
    expect(kept?.instructions).to.equal(instructions);
    const { payload: message } = await sent('anthropic-messages', params);
    expect(message.messages[1].content[0].input).to.deep.equal({ input: patch });
  });

  it('have a schema of the answer for every target', async () => {
    const asks = { type: 'object', properties: { a: { type: 'string' } } };
    const format = { type: 'json_schema' as const, name: 'n', schema: asks, strict: true };
    const params = { model: 'm', input: 'hi', text: { format } };
    const { payload } = await sent('openai-chat', params);
    expect(payload.response_format).to.deep.equal({
      type: 'json_schema',
      json_schema: { name: 'n', schema: asks, strict: true },
    });
    const { payload: message, droppedParams } = await sent('anthropic-messages', params);
    // Anthropic refuses objects that may have other fields.
    const schema = { ...asks, additionalProperties: false };
    expect(message.output_config).to.deep.equal({ format: { type: 'json_schema', schema } });
    expect(droppedParams).to.deep.equal([]);
  });

  it('go to OpenAI as they came, but for the name of the model', async () => {
    const { payload, bytes, droppedParams, kept } = await sent('openai-responses');
    expect(payload).to.deep.equal({ ...JSON.parse(bytes.toString()), model: 'target' });
    expect([droppedParams, kept]).to.deep.equal([[], null]);
  });
});
