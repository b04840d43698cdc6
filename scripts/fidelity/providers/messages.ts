/** Writes what a provider means as Anthropic's messages do. */
import type { Content } from '../contents.ts';
import type { Finish, Meaning, Part } from '../meaning.ts';
import { piecesOf, type Written } from './pieces.ts';

const reasons: Readonly<Record<Finish, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  calls: 'tool_use',
  refused: 'refusal',
  other: 'pause_turn',
};

/** Of each thought. */
export const SIGNATURE = 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=';

/** Stands for JSON that goes as it is. */
const RAW = '@@raw@@';

interface Block {
  readonly begin: object;
  /** As the whole message has it, with `RAW` for the input of a tool. */
  readonly whole: object;
  readonly raw?: string;
  readonly deltas: readonly object[];
}

function usageOf({ usage: { input, output, cached, kept, reasoning } }: Meaning) {
  return {
    input_tokens: input - cached - kept,
    cache_creation_input_tokens: kept,
    cache_read_input_tokens: cached,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}

function stopOf({ finish }: Meaning) {
  return { stop_reason: reasons[finish], stop_sequence: finish === 'stop-sequence' ? 'END' : null };
}

function blockOf(part: Part, length: number): Block {
  if (part.type === 'call') {
    const { id, name, input } = part.call;
    const pieces = input === '{}' ? [''] : ['', ...piecesOf(input, length)];
    return {
      begin: { type: 'tool_use', id, name, input: {} },
      whole: { type: 'tool_use', id, name, input: RAW },
      raw: input,
      deltas: pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    };
  }
  const pieces = piecesOf(part.text, length);
  if (part.type === 'reasoning') {
    const signature = { type: 'signature_delta', signature: SIGNATURE };
    return {
      begin: { type: 'thinking', thinking: '', signature: '' },
      whole: { type: 'thinking', thinking: part.text, signature: SIGNATURE },
      deltas: [...pieces.map((piece) => ({ type: 'thinking_delta', thinking: piece })), signature],
    };
  }
  return {
    begin: { type: 'text', text: '' },
    whole: { type: 'text', text: part.text },
    deltas: pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  };
}

/** A message and its events. */
export function writeMessages({ parts, meant, pieceLength }: Content): Written {
  const blocks = parts.map((part) => blockOf(part, pieceLength));
  const frame = { id: 'msg_0123456789', type: 'message', role: 'assistant', model: 'claude-upstream' };
  const contents = blocks.map(({ whole, raw }) => {
    const json = JSON.stringify(whole);
    return raw === undefined ? json : json.replace(`"${RAW}"`, () => raw);
  });
  const whole = JSON.stringify({ ...frame, content: [RAW], ...stopOf(meant), usage: usageOf(meant) });
  const begun = { ...usageOf(meant), output_tokens: 1, output_tokens_details: { thinking_tokens: 0 } };
  const events = [
    { type: 'message_start', message: { ...frame, content: [], stop_reason: null, stop_sequence: null, usage: begun } },
    { type: 'ping' },
    ...blocks.flatMap(({ begin, deltas }, index) => [
      { type: 'content_block_start', index, content_block: begin },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: stopOf(meant), usage: usageOf(meant) },
    { type: 'message_stop' },
  ];
  return {
    whole: whole.replace(`"${RAW}"`, () => contents.join(',')),
    events: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}
