/**
 * Tools in a loop with a model of Gemini's, over sockets: it goes on after a call only if it sees each signature again, at the
 * part that it was made for. The official clients of other dialects hand back what they got, as agents do.
 */
import { text } from 'node:stream/consumers';
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import OpenAI from 'openai';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { googleConfig } from '../helpers/google-config.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

interface Part {
  readonly text?: string;
  readonly thought?: true;
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args: object };
  readonly functionResponse?: object;
  readonly thoughtSignature?: string;
}

interface Body {
  readonly contents: readonly { readonly role: string; readonly parts: readonly Part[] }[];
}

/** Steps until the answer: each is a thought, a text, a call that is signed and one that is not. */
const STEPS = 3;

function partsOf(step: number): Part[] {
  const call = (place: string): Part => ({
    functionCall: { id: `c${step}${place}`, name: 'f', args: { step, place } },
  });
  return [
    { text: `I think ${step}`, thought: true, thoughtSignature: `THOUGHT${step}` },
    { text: `I say ${step}`, thoughtSignature: `TEXT${step}` },
    { ...call('a'), thoughtSignature: `CALL${step}` },
    call('b'),
  ];
}

const done: Part[] = [{ text: 'done' }];

describe('a model of Gemini’s between its calls', () => {
  const { provider, close } = planeFixture();
  let plane: RunningPlane | null = null;
  const seen: Body[] = [];
  afterEach(async () => {
    await plane?.close();
    await close();
    seen.length = 0;
  });

  /** Returns the address of a gateway before it. @param refuses a word that no request may hold */
  async function gateway(refuses: string | null = null): Promise<string> {
    const port = await provider(async (request, outgoing) => {
      const body: Body & { readonly model?: string } = JSON.parse(await text(request));
      seen.push(body);
      if (refuses !== null && JSON.stringify(body).includes(refuses)) {
        const error = { code: 400, status: 'INVALID_ARGUMENT', message: 'Corrupted thought signature.' };
        return outgoing.writeHead(400, jsonHeaders).end(JSON.stringify({ error }));
      }
      const step = body.contents.filter(({ role }) => role === 'model').length;
      const parts = step < STEPS ? partsOf(step) : done;
      const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1 };
      const chunk = (some: readonly Part[], finish: object) => ({
        candidates: [{ content: { role: 'model', parts: some }, ...finish }],
        usageMetadata,
        responseId: `r${step}`,
      });
      const finish = { finishReason: 'STOP' };
      if (request.url?.includes(':generateContent') === true) {
        return outgoing.writeHead(200, jsonHeaders).end(JSON.stringify(chunk(parts, finish)));
      }
      const chunks = [...parts.map((part) => chunk([part], {})), chunk([{ text: '' }], finish)];
      const events = chunks.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join('');
      return outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
    });
    const config = googleConfig('gemini', port, 'gemini-3.8-flash');
    const google = { ...config.providers.google, dialects: ['gemini-generate'] } as (typeof config.providers)[string];
    plane = await startPlane({ ...config, providers: { google } });
    return plane.url;
  }

  /** Every step is what it was, in its order. */
  function expectWhole(): void {
    const last = seen.at(-1)?.contents ?? [];
    const said = last.filter(({ role }) => role === 'model').map(({ parts }) => parts);
    expect(said).to.deep.equal(Array.from({ length: STEPS }, (_, step) => partsOf(step)));
    const answers = last.filter(({ parts }) => parts.some((part) => part.functionResponse !== undefined));
    expect(answers.map(({ parts }) => parts)).to.deep.equal(
      Array.from({ length: STEPS }, (_, step) =>
        ['a', 'b'].map((place) => ({
          functionResponse: { id: `c${step}${place}`, name: 'f', response: { output: `result ${place}` } },
        })),
      ),
    );
    expect(plane?.events.filter(({ type }) => type === 'answer-lost')).to.deep.equal([]);
  }

  const parameters = { type: 'object' as const, properties: { step: { type: 'integer' } } };
  const placeOf = (input: string): string => JSON.parse(input).place;

  async function chat(url: string, stream: boolean, first: OpenAI.ChatCompletionMessageParam[] = []): Promise<string> {
    const { chat: api } = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'f', parameters } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [...first, { role: 'user', content: 'go' }];
    for (;;) {
      const asked = { model: 'm', messages, tools };
      const { choices } = stream
        ? await api.completions.stream(asked).finalChatCompletion()
        : await api.completions.create(asked);
      const message = choices[0]?.message;
      if (message?.tool_calls === undefined) return message?.content ?? '';
      messages.push(message);
      for (const call of message.tool_calls) {
        if (call.type !== 'function') continue;
        messages.push({ role: 'tool', tool_call_id: call.id, content: `result ${placeOf(call.function.arguments)}` });
      }
    }
  }

  async function messages(url: string, stream: boolean): Promise<string> {
    const { messages: api } = new Anthropic({ apiKey: 'any', baseURL: url, maxRetries: 0 });
    const tools = [{ name: 'f', input_schema: parameters }];
    const turns: Anthropic.MessageParam[] = [{ role: 'user', content: 'go' }];
    for (;;) {
      const asked = { model: 'm', max_tokens: 99, messages: turns, tools };
      const { content } = stream ? await api.stream(asked).finalMessage() : await api.create(asked);
      const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
      if (calls.length === 0) return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
      const results = calls.map((call) => ({
        type: 'tool_result' as const,
        tool_use_id: call.id,
        content: `result ${placeOf(JSON.stringify(call.input))}`,
      }));
      turns.push({ role: 'assistant', content }, { role: 'user', content: results });
    }
  }

  async function responses(url: string, stream: boolean): Promise<string> {
    const { responses: api } = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, name: 'f', parameters, strict: false }];
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'go' }];
    for (;;) {
      const include: OpenAI.Responses.ResponseIncludable[] = ['reasoning.encrypted_content'];
      const asked = { model: 'm', input, tools, store: false, include };
      const { output, output_text } = stream ? await api.stream(asked).finalResponse() : await api.create(asked);
      const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      if (calls.length === 0) return output_text;
      input.push(...(output as OpenAI.Responses.ResponseInput));
      for (const call of calls) {
        const result = `result ${placeOf(call.arguments)}`;
        input.push({ type: 'function_call_output', call_id: call.call_id, output: result });
      }
    }
  }

  for (const [face, loop] of Object.entries({ messages, responses })) {
    for (const form of ['whole', 'streamed'] as const) {
      it(`sees what it has signed through a client of ${face}, ${form}`, async () => {
        expect(await loop(await gateway(), form === 'streamed')).to.equal('done');
        expectWhole();
      });
    }
  }

  it('sees what it has signed through a client of chats', async () => {
    expect(await chat(await gateway(), false)).to.equal('done');
    expectWhole();
  });

  it('sees what it has signed through a client of chats, streamed', async () => {
    expect(await chat(await gateway(), true)).to.equal('done');
    // Of such details OpenAI's client keeps the last, and loses the thought; what signs a call stands at the call.
    const said = seen.at(-1)?.contents.filter(({ role }) => role === 'model');
    expect(said?.map(({ parts }) => parts)).to.deep.equal(
      [partsOf(0), partsOf(1), partsOf(2)].map((parts) => parts.slice(1)),
    );
  });

  it('is told of a call that another model has made, in the word that Google gives for it', async () => {
    const made = { id: 'x', type: 'function' as const, function: { name: 'f', arguments: '{}' } };
    const history: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'before' },
      { role: 'assistant', tool_calls: [made, { ...made, id: 'y' }] },
      { role: 'tool', tool_call_id: 'x', content: 'r' },
      { role: 'tool', tool_call_id: 'y', content: 'r' },
    ];
    await chat(await gateway(), false, history);
    const [, said] = seen[0]?.contents ?? [];
    expect(said?.parts.map(({ thoughtSignature }) => thoughtSignature)).to.deep.equal([
      'skip_thought_signature_validator',
      undefined,
    ]);
  });

  it('is asked once more where it refuses what another account has signed, and that is counted', async () => {
    const url = await gateway('CALL0');
    expect(await messages(url, false)).to.equal('done');
    const refused = seen.findIndex((body) => JSON.stringify(body).includes('CALL0'));
    const calls = seen[refused + 1]?.contents[1]?.parts.filter(({ functionCall }) => functionCall !== undefined);
    expect(calls?.[0]?.thoughtSignature).to.equal('skip_thought_signature_validator');
    const counted = plane?.events.flatMap((event) => (event.type === 'reasoning-dropped' ? event.blocks : []));
    expect(counted?.[0]).to.equal(3);
  });
});
