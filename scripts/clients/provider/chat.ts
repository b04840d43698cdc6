/** Chat completions, as OpenAI documents them. */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../../src/shared/json.ts';
import { pieces, textOf, textsOf, usage } from './conversation.ts';
import type { ScriptedDialect, StreamEvent } from './dialect.ts';

const counts = {
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
};

export const chat: ScriptedDialect = {
  path: '/v1/chat/completions',

  read(body, id) {
    const messages = asArray(body.messages).map((message) => asRecord(message) ?? {});
    const byRole = (...roles: readonly string[]) => messages.filter(({ role }) => roles.includes(String(role)));
    return {
      id,
      dialect: 'chat',
      stream: body.stream === true,
      model: String(body.model),
      system: byRole('system', 'developer')
        .map(({ content }) => textOf(content))
        .join('\n'),
      prompt: textOf(byRole('user').at(-1)?.content),
      tools: asArray(body.tools).map((tool) => {
        const called = asRecord(asRecord(tool)?.function) ?? {};
        return {
          name: String(called.name),
          description: String(called.description ?? ''),
          parameters: asRecord(called.parameters),
        };
      }),
      calls: byRole('assistant').flatMap(({ tool_calls: calls }) =>
        asArray(calls).map((call) => {
          const called = asRecord(asRecord(call)?.function) ?? {};
          return {
            id: String(asRecord(call)?.id),
            name: String(called.name),
            arguments: parseJson(String(called.arguments)),
          };
        }),
      ),
      results: byRole('tool').map(({ tool_call_id: id, content }) => ({ id: String(id), text: textOf(content) })),
      said: textsOf(byRole('assistant')),
      signatures: [],
      schema: asRecord(asRecord(asRecord(body.response_format)?.json_schema)?.schema),
      body,
    };
  },

  whole(said, { id, model }) {
    const message =
      said.kind === 'text'
        ? { content: said.text }
        : { content: null, tool_calls: said.calls.map((call) => ({ ...callOf(call) })) };
    return {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: 1,
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', refusal: null, ...message },
          logprobs: null,
          finish_reason: said.kind === 'text' ? 'stop' : 'tool_calls',
        },
      ],
      usage: counts,
    };
  },

  events(said, { id, model, body }) {
    const chunk = (choices: readonly JsonRecord[], more: JsonRecord = {}): StreamEvent => ({
      event: null,
      data: { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: 1, model, choices, ...more },
    });
    const delta = (fields: JsonRecord, reason: string | null = null) =>
      chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: reason }]);
    const content =
      said.kind === 'text'
        ? pieces(said.text).map((piece) => delta({ content: piece }))
        : said.calls.flatMap((call, index) => [
            delta({ tool_calls: [{ index, ...callOf({ ...call, arguments: undefined }) }] }),
            ...pieces(JSON.stringify(call.arguments)).map((piece) =>
              delta({ tool_calls: [{ index, function: { arguments: piece } }] }),
            ),
          ]);
    return [
      delta({ role: 'assistant', content: said.kind === 'text' ? '' : null, refusal: null }),
      ...content,
      delta({}, said.kind === 'text' ? 'stop' : 'tool_calls'),
      ...(asRecord(body.stream_options)?.include_usage === true ? [chunk([], { usage: counts })] : []),
      { event: null, data: '[DONE]' },
    ];
  },

  firstContent: () => 1,

  failed: ({ type, message }) => ({ error: { message, type, param: null, code: null } }),
};

function callOf({ id, name, arguments: given }: { id: string; name: string; arguments: unknown }): JsonRecord {
  return {
    id,
    type: 'function',
    function: { name, arguments: given === undefined ? '' : JSON.stringify(given) },
  };
}
