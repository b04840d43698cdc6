/** Writes what a provider means as OpenAI's responses do. */
import type { Content } from '../contents.ts';
import type { Call, Part } from '../meaning.ts';
import { piecesOf, type Written } from './pieces.ts';

type Json = Readonly<Record<string, unknown>>;

/** An item of the output, with the events between its beginning and its end. */
interface Item {
  readonly begin: Json;
  readonly done: Json;
  readonly between: readonly Json[];
}

const ID = 'resp_0123456789abcdef0123456789abcdef';

function itemOf(part: Part, at: number, length: number): Item {
  if (part.type === 'call') return call(part.call, at, length);
  if (part.type === 'reasoning') return thought(part.text, at, length);
  return message(part.type === 'text' ? 'output_text' : 'refusal', part.text, at, length);
}

function call({ id, name, input }: Call, at: number, length: number): Item {
  const called = { id: `fc_${at}`, type: 'function_call', call_id: id, name };
  return {
    begin: { ...called, status: 'in_progress', arguments: '' },
    done: { ...called, status: 'completed', arguments: input },
    between: [
      ...piecesOf(input, length).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
      { type: 'response.function_call_arguments.done', name, arguments: input },
    ],
  };
}

function thought(text: string, at: number, length: number): Item {
  const item = { id: `rs_${at}`, type: 'reasoning' };
  const place = { summary_index: 0 };
  const part = { type: 'summary_text', text };
  return {
    begin: { ...item, summary: [] },
    done: { ...item, summary: [part], encrypted_content: 'gAAAAABo' },
    between: [
      { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
      ...piecesOf(text, length).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...place, delta })),
      { type: 'response.reasoning_summary_text.done', ...place, text },
      { type: 'response.reasoning_summary_part.done', ...place, part },
    ],
  };
}

function message(type: 'output_text' | 'refusal', text: string, at: number, length: number): Item {
  const item = { id: `msg_${at}`, type: 'message', role: 'assistant' };
  const isText = type === 'output_text';
  const part = (said: string) =>
    isText ? { type, annotations: [], logprobs: [], text: said } : { type, refusal: said };
  const place = { content_index: 0 };
  const event = `response.${type}`;
  const pieces = piecesOf(text, length).map((delta) => ({
    type: `${event}.delta`,
    ...place,
    delta,
    ...(isText ? { logprobs: [], obfuscation: 'x8fK' } : {}),
  }));
  return {
    begin: { ...item, status: 'in_progress', content: [] },
    done: { ...item, status: 'completed', content: [part(text)] },
    between: [
      { type: 'response.content_part.added', ...place, part: part('') },
      ...pieces,
      { type: `${event}.done`, ...place, ...(isText ? { text, logprobs: [] } : { refusal: text }) },
      { type: 'response.content_part.done', ...place, part: part(text) },
    ],
  };
}

/** A response and its events. */
export function writeResponses({ parts, meant, pieceLength }: Content): Written {
  const items = parts.map((part, at) => itemOf(part, at, pieceLength));
  const isCut = meant.finish === 'length';
  const { input, output, cached, kept, reasoning } = meant.usage;
  const frame = { id: ID, object: 'response', created_at: 1_750_000_000, model: 'gpt-upstream', error: null };
  const rest = { instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: 'auto' };
  const begun = { ...frame, status: 'in_progress', incomplete_details: null, ...rest, tools: [], top_p: 1, output: [] };
  const ended = {
    ...begun,
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: items.map(({ done }) => done),
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: kept },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    },
  };
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items.flatMap(({ begin, done, between }, output_index) => [
      { type: 'response.output_item.added', output_index, item: begin },
      ...between.map(({ type, ...fields }) => ({ type, item_id: done.id, output_index, ...fields })),
      { type: 'response.output_item.done', output_index, item: done },
    ]),
    { type: isCut ? 'response.incomplete' : 'response.completed', response: ended },
  ];
  const lines = events.map((event, sequence_number) => ({ ...event, sequence_number }));
  return {
    whole: JSON.stringify(ended),
    events: lines.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}
