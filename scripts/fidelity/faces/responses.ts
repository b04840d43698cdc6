/** The official client of OpenAI's responses, whose stream throws where its grammar is not kept. */
import OpenAI from 'openai';
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import type { Finish, Meaning } from '../meaning.ts';
import type { Turn, Wanted } from '../wanted.ts';
import { droppedIn, type FaceClient, PATIENCE_MS } from './face.ts';

function itemsOf(turn: Turn): ResponseInputItem[] {
  switch (turn.by) {
    case 'user': {
      if (turn.image === undefined) return [{ role: 'user', content: turn.text }];
      const image = { type: 'input_image', image_url: turn.image, detail: 'auto' } as const;
      return [{ role: 'user', content: [{ type: 'input_text', text: turn.text }, image] }];
    }
    case 'assistant': {
      const { reasoning, text, calls = [] } = turn;
      const content = [{ type: 'output_text' as const, text, annotations: [] }];
      return [
        ...(reasoning === undefined
          ? []
          : [
              { type: 'reasoning' as const, id: 'rs_1', summary: [{ type: 'summary_text' as const, text: reasoning }] },
            ]),
        ...(text === ''
          ? []
          : [
              {
                type: 'message' as const,
                id: 'msg_1',
                role: 'assistant' as const,
                status: 'completed' as const,
                content,
              },
            ]),
        ...calls.map(({ id, name, input }) => ({
          type: 'function_call' as const,
          call_id: id,
          name,
          arguments: input,
        })),
      ];
    }
    case 'tools':
      return turn.results.map(({ id, text, image }) => ({
        type: 'function_call_output',
        call_id: id,
        output:
          image === undefined
            ? text
            : [
                { type: 'input_text', text },
                { type: 'input_image', image_url: image, detail: 'auto' },
              ],
      }));
    default:
      return turn satisfies never;
  }
}

function paramsOf(model: string, wanted: Wanted): Omit<ResponseCreateParamsNonStreaming, 'stream'> {
  const { system, turns, tools, choice, parallel, schema, limit } = wanted;
  const isWord = choice === 'auto' || choice === 'required' || choice === 'none';
  return {
    model,
    instructions: system,
    input: turns.flatMap(itemsOf),
    max_output_tokens: limit,
    store: false,
    ...(schema === null
      ? {}
      : { text: { format: { type: 'json_schema', name: 'tide', strict: true, schema: { ...schema } } } }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, schema: parameters }) => ({
            type: 'function',
            name,
            description,
            parameters: { ...parameters },
            strict: false,
          })),
          tool_choice: isWord ? choice : { type: 'function', name: choice },
          ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
        }),
  };
}

function finishOf({ status, incomplete_details: details, output }: Response): Finish {
  if (status === 'incomplete') return details?.reason === 'content_filter' ? 'refused' : 'length';
  if (status !== 'completed') return 'other';
  if (output.some(({ type }) => type === 'function_call')) return 'calls';
  const refuses = output.some((item) => item.type === 'message' && item.content.some(({ type }) => type === 'refusal'));
  return refuses ? 'refused' : 'stop';
}

function meaningIn(response: Response): Meaning {
  const { output, usage } = response;
  if (response.status === 'failed') throw new Error(`the response failed: ${response.error?.message}`);
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const thoughts = output.flatMap((item) =>
    item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])].map(({ text }) => text) : [],
  );
  return {
    reasoning: thoughts.join(''),
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    refusal: parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call' ? [{ id: item.call_id, name: item.name, input: item.arguments }] : [],
    ),
    finish: finishOf(response),
    usage: {
      input: usage?.input_tokens ?? -1,
      output: usage?.output_tokens ?? -1,
      cached: usage?.input_tokens_details.cached_tokens ?? -1,
      kept: usage?.input_tokens_details.cache_write_tokens ?? -1,
      reasoning: usage?.output_tokens_details.reasoning_tokens ?? -1,
    },
  };
}

/** Before the gateway at this address. */
export function responsesFace(url: string): FaceClient {
  const client = new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0, timeout: PATIENCE_MS });
  return {
    async plain(model, wanted) {
      const { data, response } = await client.responses.create(paramsOf(model, wanted)).withResponse();
      return { read: meaningIn(data), dropped: droppedIn(response.headers) };
    },
    async stream(model, wanted, seen) {
      const stream = client.responses.stream(paramsOf(model, wanted));
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta' || event.type === 'response.refusal.delta') {
          seen.text += event.delta;
        }
      }
      return meaningIn(await stream.finalResponse());
    },
  };
}
