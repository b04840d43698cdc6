/** OpenAI's responses, with every event of their streams in its documented order. */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../../src/shared/json.ts';
import { type Asked, pieces, type ToolCall, textOf, textsOf, usage } from './conversation.ts';
import type { ScriptedDialect, StreamEvent } from './dialect.ts';

type Spoken = Parameters<ScriptedDialect['whole']>[0];
/** A type of event and its fields, before it has its number. */
type Unnumbered = readonly [type: string, fields: JsonRecord];

const counts = {
  input_tokens: usage.input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: usage.output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: usage.input + usage.output,
};

export const responses: ScriptedDialect = {
  path: '/v1/responses',

  read(body, id) {
    const input = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : asArray(body.input);
    const items = input.map((item) => asRecord(item) ?? {});
    const ofType = (...types: readonly string[]) => items.filter(({ type }) => types.includes(String(type)));
    const byRole = (...roles: readonly string[]) => items.filter(({ role }) => roles.includes(String(role)));
    const format = asRecord(asRecord(body.text)?.format);
    return {
      id,
      dialect: 'responses',
      stream: body.stream === true,
      model: String(body.model),
      system: [textOf(body.instructions), ...byRole('system', 'developer').map(({ content }) => textOf(content))]
        .filter((text) => text !== '')
        .join('\n'),
      prompt: textOf(byRole('user').at(-1)?.content),
      tools: asArray(body.tools)
        .map((tool) => asRecord(tool) ?? {})
        .filter(({ type }) => type === 'function')
        .map(({ name, description, parameters }) => ({
          name: String(name),
          description: String(description ?? ''),
          parameters: asRecord(parameters),
        })),
      calls: ofType('function_call').map(({ call_id: id, name, arguments: given }) => ({
        id: String(id),
        name: String(name),
        arguments: parseJson(String(given)),
      })),
      results: ofType('function_call_output').map(({ call_id: id, output }) => ({
        id: String(id),
        text: textOf(output),
      })),
      said: textsOf(byRole('assistant')),
      signatures: ofType('reasoning').map(({ encrypted_content: content }) => String(content)),
      schema: format?.type === 'json_schema' ? asRecord(format.schema) : null,
      body,
    };
  },

  whole: (said, asked) => response(asked, 'completed', itemsOf(said, asked.id)),

  events(said, asked) {
    const items = itemsOf(said, asked.id);
    const events: Unnumbered[] = [
      ['response.created', { response: response(asked, 'in_progress', []) }],
      ['response.in_progress', { response: response(asked, 'in_progress', []) }],
      ...items.flatMap((item, index) => itemEvents(item, index)),
      ['response.completed', { response: response(asked, 'completed', items) }],
    ];
    return events.map(
      ([type, fields], number): StreamEvent => ({ event: type, data: { type, sequence_number: number, ...fields } }),
    );
  },

  firstContent: (events) => events.findIndex(({ event }) => String(event).endsWith('.delta')),

  failed: ({ type, message }) => ({ error: { message, type, param: null, code: null } }),
};

function response({ id, body: asked }: Asked, status: string, output: readonly JsonRecord[]): JsonRecord {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: 1,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: asked.instructions ?? null,
    max_output_tokens: null,
    model: asked.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: status === 'completed' ? counts : null,
    user: null,
    metadata: {},
  };
}

function itemsOf(said: Spoken, id: string): readonly JsonRecord[] {
  const thought =
    said.thought === undefined
      ? []
      : [
          {
            id: `rs_${id}`,
            type: 'reasoning',
            summary: [{ type: 'summary_text', text: said.thought }],
            encrypted_content: `signature of ${said.thought}`,
          },
        ];
  if (said.kind === 'calls') return [...thought, ...said.calls.map(callItem)];
  const part = { type: 'output_text', text: said.text, annotations: [], logprobs: [] };
  return [...thought, { id: `msg_${id}`, type: 'message', role: 'assistant', status: 'completed', content: [part] }];
}

function callItem({ id, name, arguments: given }: ToolCall): JsonRecord {
  return {
    id: `fc_${id}`,
    type: 'function_call',
    call_id: id,
    name,
    arguments: JSON.stringify(given),
    status: 'completed',
  };
}

function itemEvents(item: JsonRecord, index: number): readonly Unnumbered[] {
  const at = { item_id: item.id, output_index: index };
  return [
    ['response.output_item.added', { output_index: index, item: unfilled(item) }],
    ...contentEvents(item, at),
    ['response.output_item.done', { output_index: index, item }],
  ];
}

/** An item as it is when it begins. */
function unfilled(item: JsonRecord): JsonRecord {
  if (item.type === 'function_call') return { ...item, arguments: '', status: 'in_progress' };
  if (item.type === 'reasoning') return { ...item, summary: [], encrypted_content: '' };
  return { ...item, content: [], status: 'in_progress' };
}

function contentEvents(item: JsonRecord, at: JsonRecord): readonly Unnumbered[] {
  if (item.type === 'function_call') {
    const whole = String(item.arguments);
    return [
      ...pieces(whole).map((delta): Unnumbered => ['response.function_call_arguments.delta', { ...at, delta }]),
      ['response.function_call_arguments.done', { ...at, name: item.name, arguments: whole }],
    ];
  }
  if (item.type === 'reasoning') {
    const part = asRecord(asArray(item.summary)[0]) ?? {};
    const inSummary = { ...at, summary_index: 0 };
    return [
      ['response.reasoning_summary_part.added', { ...inSummary, part: { ...part, text: '' } }],
      ...pieces(String(part.text)).map(
        (delta): Unnumbered => ['response.reasoning_summary_text.delta', { ...inSummary, delta }],
      ),
      ['response.reasoning_summary_text.done', { ...inSummary, text: part.text }],
      ['response.reasoning_summary_part.done', { ...inSummary, part }],
    ];
  }
  const part = asRecord(asArray(item.content)[0]) ?? {};
  const inContent = { ...at, content_index: 0 };
  return [
    ['response.content_part.added', { ...inContent, part: { ...part, text: '' } }],
    ...pieces(String(part.text)).map(
      (delta): Unnumbered => ['response.output_text.delta', { ...inContent, delta, logprobs: [] }],
    ),
    ['response.output_text.done', { ...inContent, text: part.text, logprobs: [] }],
    ['response.content_part.done', { ...inContent, part }],
  ];
}
