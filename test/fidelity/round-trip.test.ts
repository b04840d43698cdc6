/**
 * A turn of an agent: the client sends the answer back as its library gave it, with what its tools said. The provider reads
 * its own words again, with their calls, and its signed thoughts where it has signed them.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { ResponseInput, ResponseInputItem } from 'openai/resources/responses/responses';
import { streamReply, wholeReply } from '../../scripts/fidelity/cells.ts';
import { content } from '../../scripts/fidelity/contents.ts';
import type { Face, Outbound, Part } from '../../scripts/fidelity/meaning.ts';
import { SIGNATURE } from '../../scripts/fidelity/providers/messages.ts';
import { readChat } from '../../scripts/fidelity/providers/read-chat.ts';
import { readConverse } from '../../scripts/fidelity/providers/read-converse.ts';
import { readMessages } from '../../scripts/fidelity/providers/read-messages.ts';
import { readResponses } from '../../scripts/fidelity/providers/read-responses.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

const call = (id: string, port: string): Part => ({
  type: 'call',
  call: { id, name: 'tide', input: JSON.stringify({ port }) },
});
const answer = content('a turn', [
  { type: 'reasoning', text: 'I must look at 潮.' },
  { type: 'text', text: 'Let me look.' },
  call('call_1', 'Emden'),
  call('call_2', 'Husum'),
]);

const schema = { type: 'object' as const, properties: { port: { type: 'string' } }, required: ['port'] };

/** Two turns of a client: it asks, and sends the answer back with the results of its calls. */
type TwoTurns = (url: string, model: string, mark: string, stream: boolean) => Promise<unknown>;

const clients: Readonly<Record<Face, TwoTurns>> = {
  async 'openai-chat'(url, model, mark, stream) {
    const { chat } = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'tide', parameters: schema } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: mark }];
    const asked = { model, messages, tools };
    const completion = stream
      ? await chat.completions.stream(asked).finalChatCompletion()
      : await chat.completions.create(asked);
    const [choice] = completion.choices;
    if (choice === undefined) throw new Error('there is no choice');
    const results = (choice.message.tool_calls ?? []).map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: `of ${id}`,
    }));
    return chat.completions.create({ model, tools, messages: [...messages, choice.message, ...results] });
  },
  async 'anthropic-messages'(url, model, mark, stream) {
    const client = new Anthropic({ apiKey: 'key', baseURL: url, maxRetries: 0 });
    const asked = { model, max_tokens: 1024, tools: [{ name: 'tide', input_schema: schema }] };
    const question: Anthropic.MessageParam = { role: 'user', content: mark };
    const message = stream
      ? await client.messages.stream({ ...asked, messages: [question] }).finalMessage()
      : await client.messages.create({ ...asked, messages: [question] });
    const results = message.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: `of ${block.id}` }]
        : [],
    );
    const messages: Anthropic.MessageParam[] = [
      question,
      { role: 'assistant', content: message.content },
      { role: 'user', content: results },
    ];
    return client.messages.create({ ...asked, messages });
  },
  async 'openai-responses'(url, model, mark, stream) {
    const { responses } = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, name: 'tide', parameters: schema, strict: false }];
    const include = ['reasoning.encrypted_content' as const];
    const input: ResponseInput = [{ role: 'user', content: mark }];
    const asked = { model, input, tools, include, store: false };
    const { output } = stream ? await responses.stream(asked).finalResponse() : await responses.create(asked);
    const results = output.flatMap((item): ResponseInputItem[] =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output', call_id: item.call_id, output: `of ${item.call_id}` }]
        : [],
    );
    return responses.create({ ...asked, input: [...input, ...(output as ResponseInputItem[]), ...results] });
  },
};

const said = (mark: string) => [`user ${mark}`, 'thought I must look at 潮.', 'assistant Let me look.'];
const calls = ['call call_1 tide {"port":"Emden"}', 'call call_2 tide {"port":"Husum"}'];
const results = ['result call_1 of call_1', 'result call_2 of call_2'];

const readers = {
  'openai-chat': readChat,
  'anthropic-messages': readMessages,
  'openai-responses': readResponses,
  'bedrock-converse': readConverse,
} as const satisfies Record<Outbound, unknown>;
const outbounds = Object.keys(readers) as Outbound[];

describe('an answer that comes back with the results of its calls', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const face of Object.keys(clients) as Face[]) {
    for (const outbound of outbounds) {
      for (const stream of [false, true]) {
        it(`is read as it was said: ${face} before ${outbound}, ${stream ? 'streamed' : 'whole'}`, async () => {
          const { provider, url } = running;
          const first = (stream ? streamReply : wholeReply)(outbound, answer);
          const cell = provider.expect([first, wholeReply(outbound, answer)]);
          const mark = `Go. cell ${cell.number};`;
          await clients[face](url, outbound, mark, stream);
          expect(cell.requests).to.have.length(2);
          const { lines } = readers[outbound](cell.requests[1]);
          const [question = '', thought = '', text = ''] = said(mark);
          // A chat has no thoughts of others in its history.
          const own = outbound === 'openai-chat' ? lines.filter((line) => !line.startsWith('thought')) : lines;
          const words = outbound === 'openai-chat' ? [question, text] : [question, thought, text];
          expect(own).to.deep.equal([...words, ...calls, ...results]);
          if (outbound === 'anthropic-messages' || outbound === 'bedrock-converse') {
            expect(JSON.stringify(cell.requests[1])).to.include(SIGNATURE);
          }
        });
      }
    }
  }
});
