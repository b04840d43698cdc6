/** The official client of chat completions. */
import OpenAI from 'openai';
import { asRecord, asString } from '../../../src/shared/json.ts';
import type { Finish, Meaning } from '../meaning.ts';
import type { Turn, Wanted } from '../wanted.ts';
import { droppedIn, type FaceClient, PATIENCE_MS } from './face.ts';

type Message = OpenAI.ChatCompletionMessageParam;

const finishes: Readonly<Record<string, Finish>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'calls',
  content_filter: 'refused',
};

function messagesOf(turn: Turn): Message[] {
  switch (turn.by) {
    case 'user': {
      if (turn.image === undefined) return [{ role: 'user', content: turn.text }];
      const image = { type: 'image_url', image_url: { url: turn.image } } as const;
      return [{ role: 'user', content: [{ type: 'text', text: turn.text }, image] }];
    }
    case 'assistant': {
      const calls = turn.calls ?? [];
      const thought = turn.reasoning === undefined ? {} : { reasoning_content: turn.reasoning };
      const tool_calls = calls.map(({ id, name, input }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: input },
      }));
      const content = turn.text === '' ? null : turn.text;
      return [{ role: 'assistant', content, ...thought, ...(calls.length === 0 ? {} : { tool_calls }) }];
    }
    case 'tools': {
      const results = turn.results.map(({ id, text }): Message => ({ role: 'tool', tool_call_id: id, content: text }));
      const images = turn.results.flatMap(({ image }) =>
        image === undefined ? [] : [{ type: 'image_url' as const, image_url: { url: image } }],
      );
      return images.length === 0 ? results : [...results, { role: 'user', content: images }];
    }
    default:
      return turn satisfies never;
  }
}

function paramsOf(model: string, wanted: Wanted): Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'> {
  const { system, turns, tools, choice, parallel, schema, limit, stop } = wanted;
  const isWord = choice === 'auto' || choice === 'required' || choice === 'none';
  return {
    model,
    messages: [{ role: 'system', content: system }, ...turns.flatMap(messagesOf)],
    max_completion_tokens: limit,
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
    ...(schema === null
      ? {}
      : {
          response_format: { type: 'json_schema', json_schema: { name: 'tide', strict: true, schema: { ...schema } } },
        }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, schema: parameters }) => ({
            type: 'function',
            function: { name, description, parameters: { ...parameters } },
          })),
          tool_choice: isWord ? choice : { type: 'function', function: { name: choice } },
          ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
        }),
  };
}

function meaningIn({ choices, usage }: OpenAI.ChatCompletion, reasoning?: string): Meaning {
  const [choice] = choices;
  if (choice === undefined || choices.length > 1) throw new Error(`there are ${choices.length} choices`);
  const { content, refusal, tool_calls = [] } = choice.message;
  const finish = finishes[choice.finish_reason] ?? 'other';
  return {
    reasoning: reasoning ?? asString(asRecord(choice.message)?.reasoning_content) ?? '',
    text: content ?? '',
    refusal: refusal ?? '',
    calls: tool_calls.map((call) => {
      if (call.type !== 'function') throw new Error(`a call of type ${call.type}`);
      return { id: call.id, name: call.function.name, input: call.function.arguments };
    }),
    finish: finish === 'stop' && (refusal ?? '') !== '' ? 'refused' : finish,
    usage: {
      input: usage?.prompt_tokens ?? -1,
      output: usage?.completion_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? -1,
      kept: usage?.prompt_tokens_details?.cache_write_tokens ?? -1,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? -1,
    },
  };
}

/** Before the gateway at this address. */
export function chatFace(url: string): FaceClient {
  const client = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0, timeout: PATIENCE_MS });
  return {
    async plain(model, wanted) {
      const { data, response } = await client.chat.completions.create(paramsOf(model, wanted)).withResponse();
      return { read: meaningIn(data), dropped: droppedIn(response.headers) };
    },
    async stream(model, wanted, seen) {
      const params = { ...paramsOf(model, wanted), stream_options: { include_usage: true } };
      const stream = client.chat.completions.stream(params);
      let reasoning = '';
      for await (const { choices } of stream) {
        const delta = choices[0]?.delta;
        seen.text += (delta?.content ?? '') + (delta?.refusal ?? '');
        reasoning += asString(asRecord(delta)?.reasoning_content) ?? '';
      }
      return meaningIn(await stream.finalChatCompletion(), reasoning);
    },
  };
}
