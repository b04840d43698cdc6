/** The official clients in place of the wall's own: what they see of one request, in the same words. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { callText, TOOL, toolSchema } from '../../src/cli/wall/meant.ts';
import type { Sighting } from '../../src/cli/wall/sighting.ts';

/** One request, asked once. */
export interface OfficialRequest {
  readonly url: string;
  readonly face: string;
  readonly model: string;
  readonly prompt: string;
  readonly stream: boolean;
  readonly limitMs: number;
}

/** What has come of a stream. */
interface Progress {
  text: string;
  finish: string | null;
}

type Read = (request: OfficialRequest, progress: Progress, signal: AbortSignal) => Promise<void>;

const options = { apiKey: 'any', maxRetries: 0, logLevel: 'off' } as const;
const openai = ({ url }: OfficialRequest) => new OpenAI({ ...options, baseURL: `${url}/v1` });
const anthropic = ({ url }: OfficialRequest) => new Anthropic({ ...options, baseURL: url });

type ChatParams = OpenAI.ChatCompletionCreateParamsNonStreaming;

const chat: Read = async (request, progress, signal) => {
  const { face, model, prompt, stream } = request;
  const called = { name: TOOL, parameters: toolSchema(prompt) as Record<string, unknown> };
  const tools: Partial<ChatParams> = { tools: [{ type: 'function', function: called }], tool_choice: 'required' };
  const messages = [{ role: 'user' as const, content: prompt }];
  const asked: ChatParams = { model, messages, ...(face === 'chat' ? {} : tools) };
  const { completions } = openai(request).chat;
  if (!stream) {
    const [choice] = (await completions.create(asked, { signal })).choices;
    const [call] = choice?.message.tool_calls ?? [];
    const args = call?.type === 'function' ? callText(call.function.name, call.function.arguments) : '';
    progress.text = (choice?.message.content ?? '') + args;
    progress.finish = choice?.finish_reason ?? null;
    return;
  }
  for await (const { choices } of await completions.create({ ...asked, stream: true }, { signal })) {
    const called = choices[0]?.delta.tool_calls?.[0]?.function;
    if (called?.name !== undefined) progress.text += callText(called.name, '');
    progress.text += (choices[0]?.delta.content ?? '') + (called?.arguments ?? '');
    progress.finish = choices[0]?.finish_reason ?? progress.finish;
  }
};

const completions: Read = async (request, progress, signal) => {
  const { model, prompt, stream } = request;
  const asked = { model, prompt, max_tokens: 1_000 };
  const api = openai(request).completions;
  if (!stream) {
    const [choice] = (await api.create(asked, { signal })).choices;
    progress.text = choice?.text ?? '';
    progress.finish = choice?.finish_reason ?? null;
    return;
  }
  for await (const { choices } of await api.create({ ...asked, stream: true }, { signal })) {
    progress.text += choices[0]?.text ?? '';
    progress.finish = choices[0]?.finish_reason ?? progress.finish;
  }
};

const embeddings: Read = async (request, progress, signal) => {
  const { model, prompt } = request;
  const { data } = await openai(request).embeddings.create({ model, input: prompt }, { signal });
  progress.text = data[0] === undefined ? '' : JSON.stringify([...data[0].embedding]);
  progress.finish = 'stop';
};

const messages: Read = async (request, progress, signal) => {
  const { face, model, prompt, stream } = request;
  const tools: Partial<Anthropic.MessageCreateParams> = {
    tools: [{ name: TOOL, input_schema: { ...toolSchema(prompt), type: 'object' } }],
    tool_choice: { type: 'any' },
  };
  const messages = [{ role: 'user' as const, content: prompt }];
  const asked = { model, max_tokens: 1_000, messages, ...(face === 'messages' ? {} : tools), stream: false } as const;
  const api = anthropic(request).messages;
  if (!stream) {
    const { content, stop_reason } = await api.create(asked, { signal });
    progress.text = content
      .map((block) => {
        if (block.type === 'tool_use') return callText(block.name, JSON.stringify(block.input));
        return block.type === 'text' ? block.text : '';
      })
      .join('');
    progress.finish = stop_reason;
    return;
  }
  for await (const event of await api.create({ ...asked, stream: true }, { signal })) {
    if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
      progress.text += callText(event.content_block.name, '');
    }
    if (event.type === 'content_block_delta') {
      const { delta } = event;
      if (delta.type === 'text_delta') progress.text += delta.text;
      if (delta.type === 'input_json_delta') progress.text += delta.partial_json;
    }
    if (event.type === 'message_delta') progress.finish = event.delta.stop_reason;
  }
};

const responses: Read = async (request, progress, signal) => {
  const { face, model, prompt, stream } = request;
  const parameters = toolSchema(prompt) as Record<string, unknown>;
  const tools: Partial<OpenAI.Responses.ResponseCreateParams> = {
    tools: [{ type: 'function', name: TOOL, parameters, strict: false }],
    tool_choice: 'required',
  };
  const asked = { model, input: prompt, store: false, ...(face === 'responses' ? {} : tools), stream: false } as const;
  const api = openai(request).responses;
  if (!stream) {
    const { status, output_text, output } = await api.create(asked, { signal });
    const calls = output.map((item) => (item.type === 'function_call' ? callText(item.name, item.arguments) : ''));
    progress.text = output_text + calls.join('');
    progress.finish = status ?? null;
    return;
  }
  // The accumulator, which refuses what is out of order.
  const events = api.stream({ ...asked, stream: true }, { signal });
  for await (const event of events) {
    if (event.type === 'response.output_text.delta') progress.text += event.delta;
    if (event.type === 'response.function_call_arguments.delta') progress.text += event.delta;
    if (event.type === 'response.output_item.added' && event.item.type === 'function_call') {
      progress.text += callText(event.item.name, '');
    }
    if (event.type === 'response.failed') throw new Failed();
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      progress.finish = event.response.status ?? null;
    }
  }
};

/** A response that says so itself: no error of the client's, but one that nobody can overlook. */
class Failed extends Error {
  override readonly name = 'Failed';
}

const readers: Readonly<Record<string, Read>> = {
  chat,
  'chat-tools': chat,
  messages,
  'messages-tools': messages,
  responses,
  'responses-tools': responses,
  completions,
  embeddings,
};

/** Asks by the official client of the face. */
export async function askOfficially(request: OfficialRequest): Promise<Sighting> {
  const progress: Progress = { text: '', finish: null };
  const signal = AbortSignal.timeout(request.limitMs);
  const read = readers[request.face];
  if (read === undefined) throw new Error(`no official client for ${request.face}`);
  try {
    await read(request, progress, signal);
    // Aborted, a stream ends without an error.
    if (signal.aborted) return { kind: 'hang', text: progress.text };
    return { kind: 'answer', ...progress };
  } catch (error) {
    if (signal.aborted) return { kind: 'hang', text: progress.text };
    return sightingOf(error, progress);
  }
}

function sightingOf(error: unknown, { text }: Progress): Sighting {
  const isApi = error instanceof OpenAI.APIError || error instanceof Anthropic.APIError;
  const status: unknown = isApi ? error.status : undefined;
  if (typeof status === 'number') return { kind: 'refused', status, code: null };
  const isConnection = error instanceof OpenAI.APIConnectionError || error instanceof Anthropic.APIConnectionError;
  if (isConnection) return { kind: 'unreachable', code: 'connection' };
  // What user code meets, or the client itself, that takes an answer's fields from something that has none.
  if (error instanceof TypeError && error.message !== 'terminated') return { kind: 'malformed', what: error.message };
  return { kind: 'broken', code: String(error), text };
}

/** What clients must agree on: an official one has other words for the same error, and time decides what a hang shows. */
export function essenceOf(sighting: Sighting) {
  switch (sighting.kind) {
    case 'answer':
      return sighting;
    case 'refused':
      return [sighting.kind, sighting.status];
    case 'broken':
      return [sighting.kind, sighting.text];
    case 'hang':
    case 'malformed':
    case 'unreachable':
      return [sighting.kind];
    default:
      return sighting satisfies never;
  }
}
