/** Requests in the neutral form, of what chat can say, for the tests of its writer. */
import fc from 'fast-check';
import type { BlockHead, Extension, HubRequest, Message, RequestBlock, Wishes } from '../../../../src/dialects/hub.ts';
import { noWishes } from '../../../../src/dialects/wishes.ts';

/** A request that says nothing, but for these fields. */
export function requestOf(fields: Partial<HubRequest> = {}): HubRequest {
  return {
    messages: [{ role: 'user', blocks: [blockOf({ type: 'text' }, 'hi')] }],
    tools: [],
    toolChoice: null,
    parallelCalls: null,
    maxTokens: null,
    temperature: null,
    topP: null,
    stopSequences: [],
    stream: false,
    wishes: noWishes,
    extensions: [],
    ...fields,
  };
}

export function blockOf(head: BlockHead, text = '', at = 'here'): RequestBlock {
  return { head, text, attached: [], at, cache: null };
}

export function textOf(text: string): RequestBlock {
  return blockOf({ type: 'text' }, text);
}

export function callOf(callId: string, text = '{}'): RequestBlock {
  return blockOf({ type: 'call', callId, name: 'f', by: 'client' }, text);
}

export function resultOf(callId: string, content: readonly RequestBlock[], isError = false): RequestBlock {
  return blockOf({ type: 'result', callId, name: null, content, isError });
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
const block = text.map(textOf);
const json = fc.jsonValue({ maxDepth: 2 });

const image = fc.oneof(
  fc.webUrl().map((url) => blockOf({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' }, url)),
  fc
    .base64String()
    .map((data) => blockOf({ type: 'media', kind: 'image', mediaType: 'image/png', name: null, from: 'data' }, data)),
);
/** Texts in a row become one, so there is at most one without an image. */
const user = fc
  .oneof(
    block.map((only) => [only]),
    fc.tuple(fc.array(block), image, fc.array(block)).map((all) => all.flat()),
  )
  .map((blocks): Message => ({ role: 'user', blocks }));
const system = block.map((only): Message => ({ role: 'system', blocks: [only] }));

/** An assistant's message, and what the tools give back that it calls. */
const assistant = fc
  .record({
    texts: fc.option(block, { nil: null }),
    refusals: fc.option(text, { nil: null }),
    inputs: fc.array(fc.tuple(text, fc.string(), fc.option(text, { nil: null })), { maxLength: 3 }),
    turn: fc.uuid(),
  })
  .filter(({ texts, refusals, inputs }) => texts !== null || refusals !== null || inputs.length > 0)
  .map(({ texts, refusals, inputs, turn }): Message[] => {
    const calls = inputs.map(([name, input], index) => ({
      ...blockOf({ type: 'call', callId: `${turn}-${index}`, name, by: 'client' }, input),
      attached: [{ type: 'signature', of: 'openai-chat', data: '{"google":{}}' } as const],
    }));
    const results = inputs.map(([, , given], index): Message => {
      const content = given === null ? [textOf('')] : [textOf(given)];
      return { role: 'user', blocks: [resultOf(`${turn}-${index}`, content)] };
    });
    const said = [
      ...(texts === null ? [] : [texts]),
      ...(refusals === null ? [] : [blockOf({ type: 'refusal' }, refusals)]),
    ];
    return [{ role: 'assistant', blocks: [...said, ...calls] }, ...results];
  });

const tool = fc.record({
  name: text,
  description: fc.option(text, { nil: null }),
  schema: fc.option(fc.dictionary(text, json, { maxKeys: 2 }), { nil: null }),
  isStrict: fc.boolean(),
  cache: fc.constant(null),
});
const ofTools = fc.record({
  tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
  toolChoice: fc.option(
    fc.oneof(
      fc.constantFrom({ type: 'auto' } as const, { type: 'required' } as const, { type: 'none' } as const),
      text.map((name) => ({ type: 'tool', name }) as const),
    ),
    { nil: null },
  ),
  parallelCalls: fc.option(fc.boolean(), { nil: null }),
});

/** Parameters that only this dialect knows, with values that are not the default. */
const extensions = fc.subarray<Extension>([
  { of: 'openai-chat', name: 'seed', value: 7, refusal: null },
  { of: 'openai-chat', name: 'logit_bias', value: { 5: 1 }, refusal: null },
]);

const wished = <Value>(value: fc.Arbitrary<Value>, at: string) =>
  fc.option(
    value.map((each) => ({ value: each, at })),
    { nil: null },
  );
const word = fc.string({ minLength: 1, maxLength: 6 });
const wishes: fc.Arbitrary<Wishes> = fc.record({
  ...noWishesAlways(),
  format: wished(
    fc.oneof(
      fc.constant({ type: 'json' } as const),
      fc.record({
        type: fc.constant('schema' as const),
        schema: fc.dictionary(text, json, { maxKeys: 2 }),
        name: word,
        description: fc.option(word, { nil: null }),
        isStrict: fc.option(fc.boolean(), { nil: null }),
      }),
    ),
    'response_format',
  ),
  effort: wished(word, 'reasoning_effort'),
  user: wished(word, 'user'),
  verbosity: wished(
    word.filter((each) => each !== 'medium'),
    'verbosity',
  ),
  serviceTier: wished(
    word.filter((each) => each !== 'auto'),
    'service_tier',
  ),
});

/** What this dialect reads for others, and does not write. */
function noWishesAlways() {
  return { thinking: fc.constant(null), summary: fc.constant(null), topK: fc.constant(null), cache: fc.constant(null) };
}

const asked: Message = { role: 'user', blocks: [textOf('hi')] };

/** What chat can say: reading what was written gives it again. */
export const sayable: fc.Arbitrary<HubRequest> = fc
  .record({
    turns: fc.array(fc.tuple(fc.oneof(system, user), fc.option(assistant, { nil: [] })), {
      minLength: 1,
      maxLength: 4,
    }),
    tools: fc.option(ofTools, { nil: {} }),
    maxTokens: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: null }),
    temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: null }),
    topP: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    stopSequences: fc.array(text, { maxLength: 4 }),
    stream: fc.boolean(),
    wishes,
    extensions,
  })
  .map(({ turns, tools, stream, ...fields }) =>
    requestOf({
      ...fields,
      ...tools,
      stream,
      messages: [...turns.flatMap(([said, answered]) => [said, ...answered]), asked],
    }),
  );
