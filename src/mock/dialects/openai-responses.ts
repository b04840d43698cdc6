/**
 * OpenAI's responses: answers and streams, with all events in the order and with the numbers that the official client
 * insists on.
 *
 *   created, in_progress │ item and part added │ deltas │ text and part done, item done │ completed
 */
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import { type Api, Refusal, type StreamEvents } from './dialect.ts';
import { isRecord } from './json-reading.ts';
import { created, hashOf, streamError } from './openai-facts.ts';
import { readResponsesRequest } from './openai-responses-request.ts';

type Body = Readonly<Record<string, unknown>>;

/** A request as it came, since a response repeats most of it. */
interface Request {
  readonly ask: Ask;
  readonly body: Body;
}

function plain(request: Request, content: Content): string {
  return JSON.stringify(finished(request, content));
}

function finished(request: Request, content: Content): object {
  const output = content.pieces === 0 ? [] : [item(request.ask, content, wholeText(content), endStatus(content))];
  const cut = content.truncated ? { incomplete_details: { reason: 'max_output_tokens' } } : {};
  return response(request, { status: endStatus(content), output, usage: usage(request.ask, content), ...cut });
}

function endStatus({ truncated }: Content): 'completed' | 'incomplete' {
  return truncated ? 'incomplete' : 'completed';
}

/** An event without its number. */
interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function stream(request: Request, content: Content): StreamEvents {
  const { ask } = request;
  const begun = response(request, { status: 'in_progress', output: [], usage: null });
  const lifecycle: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
  ];
  const { added, delta, done } = itemEvents(ask, content);
  // The beginning of a call has the name of its tool, which is content: it is sent with the first piece.
  const early = content.kind === 'tool' || content.pieces === 0 ? [] : added;
  const late = content.kind === 'tool' ? added : [];
  const firstPiece = lifecycle.length + early.length;
  /** The number of the first event after `sent` pieces. */
  const numberAfter = (sent: number) => (sent === 0 ? firstPiece : firstPiece + late.length + sent);
  const ending = content.pieces === 0 ? [] : done;
  const last: Event = { type: `response.${endStatus(content)}`, response: finished(request, content) };
  const finish = written(ending, numberAfter(content.pieces));
  return {
    opening: Buffer.from(written([...lifecycle, ...early], 0)),
    pieces: content.pieces,
    piece: (index) =>
      Buffer.from(written([...(index === 0 ? late : []), delta(content.piece(index))], numberAfter(index))),
    finish: Buffer.from(finish),
    closing: Buffer.from(finish + written([last], numberAfter(content.pieces) + ending.length)),
    bad: Buffer.from('event: response.output_text.delta\ndata: {"type":"response.output_text.delta","item_id":"ms\n\n'),
    error: (sent, how) => Buffer.from(written([how === 'event' ? errorEvent : failure(request)], numberAfter(sent))),
  };
}

const { message } = streamError.error;
const errorEvent: Event = { type: 'error', code: 'server_error', message, param: null };

function failure(request: Request): Event {
  const error = { code: 'server_error', message };
  return { type: 'response.failed', response: response(request, { status: 'failed', error, output: [], usage: null }) };
}

/** The events of the one item of an answer: before its pieces, each piece, and after them. */
function itemEvents(ask: Ask, content: Content) {
  const text = wholeText(content);
  const { id } = item(ask, content, '', 'in_progress');
  const place = { item_id: id, output_index: 0 };
  const begins: Event = {
    type: 'response.output_item.added',
    output_index: 0,
    item:
      content.kind === 'tool'
        ? item(ask, content, '', 'in_progress')
        : { ...item(ask, content, '', 'in_progress'), content: [] },
  };
  const ends: Event = {
    type: 'response.output_item.done',
    output_index: 0,
    item: item(ask, content, text, endStatus(content)),
  };
  if (content.kind === 'tool') {
    const type = 'response.function_call_arguments';
    return {
      added: [begins],
      delta: (piece: string): Event => ({ type: `${type}.delta`, ...place, delta: piece }),
      done: [{ type: `${type}.done`, ...place, name: ask.tool?.name, arguments: text }, ends],
    };
  }
  const at = { ...place, content_index: 0 };
  return {
    added: [begins, { type: 'response.content_part.added', ...at, part: textPart('') }],
    delta: (piece: string): Event => ({ type: 'response.output_text.delta', ...at, delta: piece, logprobs: [] }),
    done: [
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part: textPart(text) },
      ends,
    ],
  };
}

function item(ask: Ask, content: Content, text: string, status: string) {
  const hash = hashOf(ask);
  if (content.kind === 'text') {
    return { id: `msg_${hash}`, type: 'message', status, role: 'assistant', content: [textPart(text)] };
  }
  const call = { call_id: `call_${hash.slice(-12)}`, name: ask.tool?.name, arguments: text };
  return { id: `fc_${hash}`, type: 'function_call', status, ...call };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** All fields of a response: clients miss each of them. What the request has set it repeats. */
function response({ ask, body }: Request, state: object): object {
  const said = (field: string, otherwise: unknown): unknown => body[field] ?? otherwise;
  return {
    id: `resp_${hashOf(ask)}`,
    object: 'response',
    created_at: created,
    completed_at: null,
    error: null,
    incomplete_details: null,
    previous_response_id: null,
    model: ask.model,
    instructions: said('instructions', null),
    max_output_tokens: said('max_output_tokens', null),
    max_tool_calls: said('max_tool_calls', null),
    parallel_tool_calls: said('parallel_tool_calls', true),
    prompt_cache_key: said('prompt_cache_key', null),
    reasoning: said('reasoning', { effort: null, summary: null }),
    safety_identifier: said('safety_identifier', null),
    service_tier: 'default',
    store: said('store', true),
    background: false,
    temperature: said('temperature', 1),
    top_p: said('top_p', 1),
    top_logprobs: said('top_logprobs', 0),
    presence_penalty: 0,
    frequency_penalty: 0,
    text: said('text', { format: { type: 'text' } }),
    tool_choice: said('tool_choice', 'auto'),
    tools: said('tools', []),
    truncation: said('truncation', 'disabled'),
    user: said('user', null),
    metadata: said('metadata', {}),
    ...state,
  };
}

function usage(ask: Ask, { tokens }: Content): object {
  return {
    input_tokens: ask.promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: ask.promptTokens + tokens,
  };
}

/** Events, numbered from `first`. */
function written(events: readonly Event[], first: number): string {
  return events
    .map(({ type, ...rest }, index) => {
      const data = JSON.stringify({ type, sequence_number: first + index, ...rest });
      return `event: ${type}\ndata: ${data}\n\n`;
    })
    .join('');
}

export const openaiResponses: Api = {
  paths: ['/v1/responses', '/responses'],
  read(body) {
    if (!isRecord(body)) throw new Refusal('We could not parse the JSON body of your request: it must be an object.');
    const request = { ask: readResponsesRequest(body), body };
    return {
      ask: request.ask,
      plain: (content) => plain(request, content),
      stream: (content) => stream(request, content),
    };
  },
};
