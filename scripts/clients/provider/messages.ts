/** Anthropic's messages, as its reference has them. */
import { asArray, asRecord, type JsonRecord } from '../../../src/shared/json.ts';
import { pieces, textOf, textsOf, usage } from './conversation.ts';
import type { ScriptedDialect, StreamEvent } from './dialect.ts';

/** A block of an answer, and what a stream sends of it piece by piece. */
interface Block {
  readonly whole: JsonRecord;
  readonly start: JsonRecord;
  readonly deltas: readonly JsonRecord[];
}

type Spoken = Parameters<ScriptedDialect['whole']>[0];

export const messages: ScriptedDialect = {
  path: '/v1/messages',

  read(body, id) {
    const turns = asArray(body.messages).map((turn) => asRecord(turn) ?? {});
    const blocks = turns.flatMap(({ content }) => asArray(content).map((block) => asRecord(block) ?? {}));
    const format = asRecord(asRecord(body.output_config)?.format) ?? asRecord(body.output_format);
    return {
      id,
      dialect: 'messages',
      stream: body.stream === true,
      model: String(body.model),
      system: textOf(body.system),
      prompt: textOf(turns.findLast(({ role, content }) => role === 'user' && textOf(content) !== '')?.content),
      tools: asArray(body.tools)
        .map((tool) => asRecord(tool) ?? {})
        .filter(({ input_schema: schema }) => schema !== undefined)
        .map(({ name, description, input_schema: schema }) => ({
          name: String(name),
          description: String(description ?? ''),
          parameters: asRecord(schema),
        })),
      calls: blocks
        .filter(({ type }) => type === 'tool_use')
        .map(({ id, name, input }) => ({ id: String(id), name: String(name), arguments: input })),
      results: blocks
        .filter(({ type }) => type === 'tool_result')
        .map(({ tool_use_id: id, content }) => ({ id: String(id), text: textOf(content) })),
      said: textsOf(turns.filter(({ role }) => role === 'assistant')),
      signatures: blocks.filter(({ type }) => type === 'thinking').map(({ signature }) => String(signature)),
      schema: asRecord(format?.schema),
      body,
    };
  },

  whole(said, { id, model }) {
    return {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      content: blocksOf(said).map(({ whole }) => whole),
      stop_reason: said.kind === 'text' ? 'end_turn' : 'tool_use',
      stop_sequence: null,
      usage: counts(usage.output),
    };
  },

  events(said, asked) {
    const named = (type: string, fields: JsonRecord): StreamEvent => ({ event: type, data: { type, ...fields } });
    const start = { ...messages.whole(said, asked), content: [], stop_reason: null, usage: counts(1) };
    return [
      named('message_start', { message: start }),
      named('ping', {}),
      ...blocksOf(said).flatMap(({ start: block, deltas }, index) => [
        named('content_block_start', { index, content_block: block }),
        ...deltas.map((delta) => named('content_block_delta', { index, delta })),
        named('content_block_stop', { index }),
      ]),
      named('message_delta', {
        delta: { stop_reason: said.kind === 'text' ? 'end_turn' : 'tool_use', stop_sequence: null },
        usage: counts(usage.output),
      }),
      named('message_stop', {}),
    ];
  },

  firstContent: (events) => events.findIndex(({ event }) => event === 'content_block_delta'),

  failed: ({ type, message }) => ({ type: 'error', error: { type, message }, request_id: 'req_scripted' }),
};

function counts(output: number): JsonRecord {
  return {
    input_tokens: usage.input,
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
}

function blocksOf(said: Spoken): readonly Block[] {
  return [...(said.thought === undefined ? [] : [thoughtBlock(said.thought)]), ...contentBlocks(said)];
}

function contentBlocks(said: Spoken): readonly Block[] {
  if (said.kind === 'text') {
    return [
      {
        whole: { type: 'text', text: said.text },
        start: { type: 'text', text: '' },
        deltas: pieces(said.text).map((text) => ({ type: 'text_delta', text })),
      },
    ];
  }
  return said.calls.map(({ id, name, arguments: input }) => ({
    whole: { type: 'tool_use', id, name, input },
    start: { type: 'tool_use', id, name, input: {} },
    deltas: ['', ...pieces(JSON.stringify(input))].map((json) => ({ type: 'input_json_delta', partial_json: json })),
  }));
}

function thoughtBlock(thought: string): Block {
  const signature = `signature of ${thought}`;
  return {
    whole: { type: 'thinking', thinking: thought, signature },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces(thought).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature },
    ],
  };
}
