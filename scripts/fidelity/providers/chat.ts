/** Writes what a provider means as OpenAI's chat completions do. */
import type { Content } from '../contents.ts';
import type { Finish, Meaning } from '../meaning.ts';
import { inTurns, piecesOf, type Written } from './pieces.ts';

const reasons: Readonly<Record<Finish, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  calls: 'tool_calls',
  refused: 'stop',
  other: 'other',
};

const frame = { id: 'chatcmpl-0123456789', created: 1_750_000_000, model: 'gpt-upstream' };

function usageOf({ usage: { input, output, cached, kept, reasoning } }: Meaning) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: kept, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}

/** A completion and its chunks. */
export function writeChat(content: Content): Written {
  return { whole: wholeOf(content.meant), events: eventsOf(content) };
}

function wholeOf(meant: Meaning): string {
  const { reasoning, text, refusal, calls, finish } = meant;
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: input },
  }));
  const message = {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: reasons[finish] };
  return JSON.stringify({ ...frame, object: 'chat.completion', choices: [choice], usage: usageOf(meant) }, null, 1);
}

const fields = { reasoning: 'reasoning_content', text: 'content', refusal: 'refusal' } as const;

function eventsOf({ parts, meant, pieceLength, interleaved }: Content): string[] {
  let calls = 0;
  const lists = parts.map((part): object[] => {
    if (part.type !== 'call') return piecesOf(part.text, pieceLength).map((piece) => ({ [fields[part.type]]: piece }));
    const { id, name, input } = part.call;
    const index = calls++;
    const first = { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] };
    const pieces = piecesOf(input, pieceLength);
    return [first, ...pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))];
  });
  const isCall = (at: number) => parts[at]?.type === 'call';
  const inOrder = interleaved
    ? [...lists.filter((_, at) => !isCall(at)).flat(), ...inTurns(lists.filter((_, at) => isCall(at)))]
    : lists.flat();
  const deltas = [{ role: 'assistant', content: '', refusal: null }, ...inOrder];
  const chunks = [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }], usage: null })),
    { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: reasons[meant.finish] }], usage: null },
    { choices: [], usage: usageOf(meant) },
  ];
  const lines = chunks.map((chunk) => JSON.stringify({ ...frame, object: 'chat.completion.chunk', ...chunk }));
  return [...lines, '[DONE]'].map((line) => `data: ${line}\n\n`);
}
