/** The official client of Anthropic's messages. */
import Anthropic from '@anthropic-ai/sdk';
import type { Finish, Meaning } from '../meaning.ts';
import type { Turn, Wanted } from '../wanted.ts';
import { droppedIn, type FaceClient, PATIENCE_MS } from './face.ts';

const finishes: Readonly<Record<string, Finish>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'calls',
  refusal: 'refused',
};

function imageOf(url: string): Anthropic.ImageBlockParam {
  const [, data = ''] = url.split(',');
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
}

function contentOf(turn: Turn): Anthropic.ContentBlockParam[] {
  switch (turn.by) {
    case 'user':
      return [{ type: 'text', text: turn.text }, ...(turn.image === undefined ? [] : [imageOf(turn.image)])];
    case 'assistant': {
      const { reasoning, text, calls = [] } = turn;
      return [
        ...(reasoning === undefined ? [] : [{ type: 'thinking' as const, thinking: reasoning, signature: 'c2ln' }]),
        ...(text === '' ? [] : [{ type: 'text' as const, text }]),
        ...calls.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name, input: JSON.parse(input) })),
      ];
    }
    case 'tools':
      return turn.results.map(({ id, text, image }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: image === undefined ? text : [{ type: 'text', text }, imageOf(image)],
      }));
    default:
      return turn satisfies never;
  }
}

function paramsOf(model: string, wanted: Wanted): Anthropic.MessageCreateParamsNonStreaming {
  const { system, turns, tools, choice, parallel, schema, limit, stop } = wanted;
  const messages: Anthropic.MessageParam[] = [];
  for (const turn of turns) {
    const role = turn.by === 'assistant' ? 'assistant' : 'user';
    const last = messages.at(-1);
    if (last?.role === role && Array.isArray(last.content)) last.content.push(...contentOf(turn));
    else messages.push({ role, content: contentOf(turn) });
  }
  const one = parallel === null ? {} : { disable_parallel_tool_use: !parallel };
  return {
    model,
    system,
    messages,
    max_tokens: limit,
    ...(stop.length === 0 ? {} : { stop_sequences: [...stop] }),
    ...(schema === null ? {} : { output_config: { format: { type: 'json_schema', schema: { ...schema } } } }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, schema: given }) => ({
            name,
            description,
            input_schema: { type: 'object', ...given },
          })),
          tool_choice: choiceOf(choice, one),
        }),
  };
}

function choiceOf(choice: string, one: { readonly disable_parallel_tool_use?: boolean }): Anthropic.ToolChoice {
  if (choice === 'auto') return { type: 'auto', ...one };
  if (choice === 'required') return { type: 'any', ...one };
  return choice === 'none' ? { type: 'none' } : { type: 'tool', name: choice, ...one };
}

function meaningIn({ content, stop_reason, usage }: Anthropic.Message): Meaning {
  const texts = (read: (block: Anthropic.ContentBlock) => string) => content.map(read).join('');
  return {
    reasoning: texts((block) => (block.type === 'thinking' ? block.thinking : '')),
    text: texts((block) => (block.type === 'text' ? block.text : '')),
    refusal: '',
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: JSON.stringify(block.input) }] : [],
    ),
    finish: finishes[stop_reason ?? ''] ?? 'other',
    usage: {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
      cached: usage.cache_read_input_tokens ?? -1,
      kept: usage.cache_creation_input_tokens ?? -1,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? -1,
    },
  };
}

/** Before the gateway at this address. */
export function messagesFace(url: string): FaceClient {
  const client = new Anthropic({ apiKey: 'key', baseURL: url, maxRetries: 0, timeout: PATIENCE_MS });
  return {
    async plain(model, wanted) {
      const { data, response } = await client.messages.create(paramsOf(model, wanted)).withResponse();
      return { read: meaningIn(data), dropped: droppedIn(response.headers) };
    },
    async stream(model, wanted, seen) {
      const stream = client.messages.stream(paramsOf(model, wanted));
      stream.on('text', (delta) => {
        seen.text += delta;
      });
      return meaningIn(await stream.finalMessage());
    },
  };
}
