/**
 * A conversation as each dialect's clients would send it, written here by hand and not by the gateway's own writers, so that
 * both cannot have the same mistake.
 */
import fc from 'fast-check';

interface Call {
  readonly id: string;
  readonly input: Readonly<Record<string, number>>;
  /** What the tool gave back. */
  readonly result: string;
  readonly image: string | null;
}

interface Exchange {
  readonly asked: string;
  /** The client marks what it asked for the cache. */
  readonly isMarked: boolean;
  readonly image: string | null;
  readonly pdf: string | null;
  /** Of Anthropic's. */
  readonly thought: { readonly text: string; readonly signature: string } | null;
  readonly answered: string;
  readonly calls: readonly Call[];
}

/** All of it can be said in each dialect, but for what a client of it has no field for. */
export interface Conversation {
  readonly system: string | null;
  readonly exchanges: readonly Exchange[];
  readonly question: string;
  readonly isStrict: boolean;
  readonly effort: string | null;
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly user: string | null;
  readonly topK: number | null;
  readonly temperature: number | null;
  readonly isThinking: boolean;
  readonly stops: readonly string[];
}

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const data = fc.constantFrom('QUJD', 'REVG', 'R0hJ');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

export const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    system: maybe(word),
    exchanges: fc.array(
      fc.record({
        asked: word,
        isMarked: fc.boolean(),
        image: maybe(data),
        pdf: maybe(data),
        thought: maybe(fc.record({ text: word, signature: word })),
        answered: word,
        calls: fc.array(
          fc.record({
            id: fc.uuid(),
            input: fc.dictionary(word, fc.integer(), { maxKeys: 2 }),
            result: word,
            image: maybe(data),
          }),
          { maxLength: 2 },
        ),
      }),
      { maxLength: 3 },
    ),
    question: word,
    isStrict: fc.boolean(),
    effort: maybe(fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra')),
    schema: maybe(fc.constant({ type: 'object', additionalProperties: false })),
    user: maybe(fc.stringMatching(/^user_\w{2,6}$/)),
    topK: maybe(fc.integer({ min: 1, max: 9 })),
    temperature: maybe(fc.constantFrom(0, 0.5)),
    isThinking: fc.boolean(),
    stops: fc.array(word, { maxLength: 2 }),
  })
  .map((made) => ({ ...made, stops: [...new Set(made.stops)] }));

const parameters = { type: 'object', properties: { a: { type: 'integer' } } };
const cache_control = { type: 'ephemeral' };
const thinking = { type: 'enabled', budget_tokens: 2_000 };
const png = (data: string) => `data:image/png;base64,${data}`;
const pdf = (data: string) => `data:application/pdf;base64,${data}`;
const given = (fields: object) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

export function ofChat(made: Conversation): object {
  const part = (type: string, value: unknown) => ({ type, [type]: value });
  const image = (value: string) => part('image_url', { url: png(value) });
  const messages = made.exchanges.flatMap(({ asked, isMarked, thought, answered, calls, ...files }) => [
    {
      role: 'user',
      content: [
        { ...part('text', asked), ...(isMarked ? { cache_control } : {}) },
        ...(files.image === null ? [] : [image(files.image)]),
        ...(files.pdf === null ? [] : [part('file', { filename: 'a.pdf', file_data: pdf(files.pdf) })]),
      ],
    },
    {
      role: 'assistant',
      content: answered,
      ...(thought === null ? {} : { reasoning_details: [{ type: 'reasoning.text', index: 0, ...thought }] }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ id, input }) => ({
              id,
              type: 'function',
              function: { name: 'f', arguments: JSON.stringify(input) },
            })),
          }),
    },
    ...calls.map(({ id, result, image: shown }) => ({
      role: 'tool',
      tool_call_id: id,
      content: shown === null ? result : [part('text', result), image(shown)],
    })),
  ]);
  const { system, schema, isStrict, effort, user, topK, temperature, isThinking, stops } = made;
  return {
    model: 'm',
    messages: [
      ...(system === null ? [] : [{ role: 'system', content: system }]),
      ...messages,
      { role: 'user', content: made.question },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters, strict: isStrict } }],
    ...given({ reasoning_effort: effort, user, top_k: topK, temperature, thinking: isThinking ? thinking : null }),
    ...(schema === null ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } }),
    ...(stops.length === 0 ? {} : { stop: stops }),
    max_completion_tokens: 90_000,
  };
}

export function ofMessages(made: Conversation): object {
  const image = (data: string) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } });
  const document = (data: string) => ({
    type: 'document',
    title: 'a.pdf',
    source: { type: 'base64', media_type: 'application/pdf', data },
  });
  const text = (said: string) => ({ type: 'text', text: said });
  const messages = made.exchanges.flatMap(({ asked, isMarked, thought, answered, calls, ...files }) => [
    {
      role: 'user',
      content: [
        { ...text(asked), ...(isMarked ? { cache_control } : {}) },
        ...(files.image === null ? [] : [image(files.image)]),
        ...(files.pdf === null ? [] : [document(files.pdf)]),
      ],
    },
    {
      role: 'assistant',
      content: [
        ...(thought === null ? [] : [{ type: 'thinking', thinking: thought.text, signature: thought.signature }]),
        text(answered),
        ...calls.map(({ id, input }) => ({ type: 'tool_use', id, name: 'f', input })),
      ],
    },
    ...calls.map(({ id, result, image: shown }) => ({
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: id,
          content: shown === null ? result : [text(result), image(shown)],
        },
      ],
    })),
  ]);
  const { system, schema, isStrict, effort, user, topK, temperature, isThinking, stops } = made;
  return {
    model: 'm',
    messages: [...messages, { role: 'user', content: made.question }],
    tools: [{ name: 'f', input_schema: parameters, strict: isStrict }],
    ...given({ system, top_k: topK, temperature, thinking: isThinking ? thinking : null }),
    ...(user === null ? {} : { metadata: { user_id: user } }),
    output_config: given({ effort, format: schema === null ? null : { type: 'json_schema', schema } }),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
    max_tokens: 90_000,
  };
}

/** This dialect has no stop sequences. */
export function ofResponses(made: Conversation): object {
  const text = (said: string) => ({ type: 'input_text', text: said });
  const image = (value: string) => ({ type: 'input_image', image_url: png(value) });
  const input = made.exchanges.flatMap(({ asked, isMarked, thought, answered, calls, ...files }) => [
    {
      role: 'user',
      content: [
        { ...text(asked), ...(isMarked ? { cache_control } : {}) },
        ...(files.image === null ? [] : [image(files.image)]),
        ...(files.pdf === null ? [] : [{ type: 'input_file', filename: 'a.pdf', file_data: pdf(files.pdf) }]),
      ],
    },
    ...(thought === null
      ? []
      : [
          {
            type: 'reasoning',
            id: 'rs_1',
            summary: [{ type: 'summary_text', text: thought.text }],
            encrypted_content: `headgate.anthropic.signature.${thought.signature}`,
          },
        ]),
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: answered, annotations: [] }] },
    ...calls.map(({ id, input: asks }) => ({
      type: 'function_call',
      call_id: id,
      name: 'f',
      arguments: JSON.stringify(asks),
    })),
    ...calls.map(({ id, result, image: shown }) => ({
      type: 'function_call_output',
      call_id: id,
      output: shown === null ? result : [text(result), image(shown)],
    })),
  ]);
  const { system, schema, isStrict, effort, user, topK, temperature, isThinking } = made;
  return {
    model: 'm',
    input: [...input, { role: 'user', content: made.question }],
    tools: [{ type: 'function', name: 'f', parameters, strict: isStrict }],
    ...given({ instructions: system, user, top_k: topK, temperature, thinking: isThinking ? thinking : null }),
    ...(effort === null ? {} : { reasoning: { effort } }),
    ...(schema === null ? {} : { text: { format: { type: 'json_schema', name: 'n', schema } } }),
    max_output_tokens: 90_000,
  };
}
