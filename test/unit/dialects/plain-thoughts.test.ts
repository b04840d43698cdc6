/**
 * What a server of chats thought goes to clients of other dialects and comes back to it with their next request, in the field
 * that it came in. DeepSeek refuses the results of calls without.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { leaveOutReasoning, reasoningScan } from '../../../src/dialects/leave-out-reasoning.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { asRecord, type JsonRecord } from '../../../src/shared/json.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { SseSplitter } from '../../../src/wire/sse.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { dataOf } from './events.ts';

type Client = 'anthropic-messages' | 'openai-responses';

const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };
const schema = { type: 'object', properties: {} };
const thought = 'I look. '.repeat(40);

/** What the server says, whole and in pieces, with its thought in that field. */
const turn = (field: string) => ({ role: 'assistant', content: null, [field]: thought, tool_calls: [call] });
const completion = (field: string) => ({
  id: 'c',
  choices: [{ index: 0, message: turn(field), finish_reason: 'stop' }],
});
const chunks = (field: string) => [
  ...[thought.slice(0, 9), thought.slice(9)].map((text) => ({ choices: [{ index: 0, delta: { [field]: text } }] })),
  { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
];

function payloads(bytes: Buffer): JsonRecord[] {
  return new SseSplitter().push(bytes).flatMap(({ data }) => (data === null ? [] : [asRecord(JSON.parse(data)) ?? {}]));
}

/** The answer as the client has it, whole. */
function whole(client: Client, field: string): JsonRecord {
  const { body } = codecOf(client, 'openai-chat').answer(
    Buffer.from(JSON.stringify(completion(field))),
    answerContext(),
    null,
  );
  return JSON.parse(body.toString());
}

function streamed(client: Client, field: string): JsonRecord[] {
  const stream = codecOf(client, 'openai-chat').stream(answerContext());
  return chunks(field).flatMap((chunk) => payloads(stream.push(dataOf(chunk)).bytes));
}

/** The request that follows, as the server gets it. @param said the answer in the words of the client */
function sent(client: Client, said: readonly unknown[], outbound = 'openai-chat') {
  const asked = { role: 'user', content: 'hi' };
  const codec = codecOf(client, outbound);
  const body =
    client === 'anthropic-messages'
      ? {
          max_tokens: 9,
          tools: [{ name: 'f', input_schema: schema }],
          messages: [
            asked,
            { role: 'assistant', content: said },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'y' }] },
          ],
        }
      : {
          store: false,
          tools: [{ type: 'function', name: 'f', parameters: schema }],
          input: [asked, ...said, { type: 'function_call_output', call_id: 'a', output: 'y' }],
        };
  const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify({ model: 'm', ...body })));
  return codec.request(arrived, { model: 'deepseek-v4', maxTokens: null });
}

const messagesOf = (request: ReturnType<typeof sent>): unknown =>
  JSON.parse(inOneBuffer(request.body).toString()).messages;

const expected = (field: string) => [
  { role: 'user', content: 'hi' },
  turn(field),
  { role: 'tool', tool_call_id: 'a', content: 'y' },
];

describe('a thought of a server of chats', () => {
  for (const field of ['reasoning_content', 'reasoning']) {
    it(`comes back in its field from a client of messages: ${field}`, () => {
      const content = whole('anthropic-messages', field).content as readonly unknown[];
      const request = sent('anthropic-messages', content);
      expect(messagesOf(request)).to.deep.equal(expected(field));
      expect(request.droppedParams).to.deep.equal([]);
      const signatures = streamed('anthropic-messages', field).map(({ delta }) => asRecord(delta)?.signature);
      expect(signatures.filter((text) => text !== undefined)).to.deep.equal([asRecord(content[0])?.signature]);
    });

    it(`comes back in its field from a client of responses, which keeps no text but what is encrypted: ${field}`, () => {
      const output = whole('openai-responses', field).output as readonly unknown[];
      const done = streamed('openai-responses', field).flatMap(({ item, type }) =>
        type === 'response.output_item.done' ? [item] : [],
      );
      for (const items of [output, done]) {
        const kept = items.map((item) => ({ ...asRecord(item), content: undefined }));
        if (items === done)
          kept.push({ type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' } as never);
        const request = sent('openai-responses', kept);
        expect(messagesOf(request)).to.deep.equal(expected(field));
        expect(request.droppedParams).to.deep.equal([]);
      }
    });
  }

  it('is one message with the text that followed it', () => {
    const { output } = whole('openai-responses', 'reasoning');
    const [first] = output as readonly unknown[];
    const text = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'So.' }] };
    const sentMessages = messagesOf(sent('openai-responses', [first, text])) as readonly unknown[];
    expect(sentMessages[1]).to.deep.equal({ role: 'assistant', content: 'So.', reasoning: thought });
  });

  it('is for no other API', () => {
    const output = whole('openai-responses', 'reasoning').output as readonly unknown[];
    const request = sent('openai-responses', output, 'anthropic-messages');
    expect(request.droppedParams).to.deep.equal(['reasoning']);
    expect(inOneBuffer(request.body).toString()).to.not.match(/I look|headgate/);
  });

  it('is left out where a server knows no such field, and not where it wants it', () => {
    const refusals = [
      "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
      "Unknown parameter: 'messages[1].reasoning_content'.",
      '[{"type":"extra_forbidden","loc":["body","messages",1,"assistant","reasoning_content"],"msg":"Extra inputs are not permitted"}]',
    ];
    const refused = (message: string) =>
      openaiChat.ownReasoning?.isRefusedBy(
        openaiChat.readError(400, Buffer.from(JSON.stringify({ error: { message } }))),
      );
    for (const message of refusals) expect(refused(message), message).to.equal(true);
    expect(refused('The `reasoning_content` in the thinking mode must be passed back to the API.')).to.equal(false);
    const request = sent('anthropic-messages', whole('anthropic-messages', 'reasoning').content as readonly unknown[]);
    const bytes = inOneBuffer(request.body);
    const scan = reasoningScan();
    scan.push(bytes);
    scan.end();
    const lighter = leaveOutReasoning(openaiChat, bytes, scan);
    expect(inOneBuffer(lighter?.body ?? request.body).toString()).to.not.include('I look');
    expect(lighter?.dropped).to.deep.equal(['reasoning']);
  });
});
