/** What this dialect writes for a target, it reads from a client. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { encryptedThought } from '../../../../src/dialects/encrypted-thought.ts';
import type { HubRequest, Message, RequestBlock, Wishes } from '../../../../src/dialects/hub.ts';
import { readRequest } from '../../../../src/dialects/openai-responses/read-request.ts';
import { writeRequest } from '../../../../src/dialects/openai-responses/write-request.ts';
import { asRecord } from '../../../../src/shared/json.ts';
import { blockOf, callOf, resultOf, textOf } from '../openai-chat/requests.ts';

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 10 });
const id = fc.stringMatching(/^[\w-]{1,12}$/);
const texts = text.map(textOf);
const media = fc.constantFrom(
  blockOf({ type: 'media', kind: 'image', mediaType: 'image/png', name: null, from: 'data' }, 'QUJD'),
  blockOf({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' }, 'https://example.com/a.png'),
  blockOf({ type: 'media', kind: 'file', mediaType: 'application/pdf', name: 'a.pdf', from: 'data' }, 'QUJD'),
  blockOf({ type: 'media', kind: 'file', mediaType: null, name: null, from: 'url' }, 'https://example.com/a.pdf'),
  blockOf({ type: 'file-id', kind: 'image', of: 'openai' }, 'file-1'),
  blockOf({ type: 'file-id', kind: 'file', of: 'openai' }, 'file-2'),
);
const parts = fc.array(fc.oneof(texts, media), { minLength: 1, maxLength: 3 });
const refusals = text.map((words) => blockOf({ type: 'refusal' }, words));
const thoughts = fc
  .record({ form: fc.constantFrom('raw', 'summary', 'hidden'), words: text, data: id })
  .map(({ form, words, data }): RequestBlock => {
    const isHidden = form === 'hidden';
    const block = blockOf({ type: 'reasoning', form }, isHidden ? '' : words);
    return { ...block, attached: [encryptedThought(data, isHidden)] };
  });

/** Each item of the input is a message, and so is all that is said at once. */
const messages = fc.oneof(
  fc.record({ role: fc.constantFrom('user', 'system', 'developer'), blocks: parts }).map((message): Message => message),
  fc.array(fc.oneof(texts, refusals), { minLength: 1, maxLength: 3 }).map((blocks): Message => {
    return { role: 'assistant', blocks };
  }),
  thoughts.map((block): Message => ({ role: 'assistant', blocks: [block] })),
  fc.tuple(id, fc.dictionary(id, fc.integer(), { maxKeys: 2 })).map(([callId, input]): Message => {
    return { role: 'assistant', blocks: [callOf(callId, JSON.stringify(input))] };
  }),
  fc.tuple(id, parts).map(([callId, content]): Message => ({ role: 'user', blocks: [resultOf(callId, content)] })),
);

const wished = <Value>(value: fc.Arbitrary<Value>) => fc.option(value.map((each) => ({ value: each, at: '' })));
const schema = { type: 'object', properties: {}, additionalProperties: false };
const wishes: fc.Arbitrary<Wishes> = fc.record({
  format: wished(
    fc.oneof(
      fc.constant({ type: 'json' } as const),
      fc.record({
        type: fc.constant('schema' as const),
        schema: fc.constant(schema),
        name: id,
        description: fc.option(text),
        isStrict: fc.option(fc.boolean()),
      }),
    ),
  ),
  effort: wished(fc.constantFrom('none', 'low', 'a new word')),
  thinking: fc.constant(null),
  summary: wished(fc.constantFrom('auto', 'detailed')),
  topK: fc.constant(null),
  user: fc.option(id.map((value) => ({ value, at: 'user' }))),
  verbosity: wished(fc.constantFrom('low', 'high')),
  serviceTier: wished(fc.constantFrom('flex', 'priority')),
  cache: fc.constant(null),
});

const tools = fc.uniqueArray(
  fc.record({
    name: id,
    description: fc.option(text),
    schema: fc.constant(schema),
    isStrict: fc.boolean(),
    cache: fc.constant(null),
  }),
  { minLength: 1, maxLength: 2, selector: ({ name }) => name },
);

const requests: fc.Arbitrary<HubRequest> = fc.record({
  messages: fc
    .tuple(fc.option(texts), fc.array(messages, { minLength: 1, maxLength: 6 }))
    .map(([prompt, rest]): Message[] => {
      // A first system text is one block, whatever it was of.
      const asked: Message = { role: 'user', blocks: [textOf('hi')] };
      const others = [asked, ...rest, asked];
      return prompt === null ? others : [{ role: 'system', blocks: [prompt] }, ...others];
    }),
  tools,
  toolChoice: fc.oneof(
    fc.constantFrom(null, { type: 'auto' } as const, { type: 'required' } as const, { type: 'none' } as const),
    id.map((name) => ({ type: 'tool', name }) as const),
  ),
  parallelCalls: fc.constantFrom(null, true, false),
  maxTokens: fc.option(fc.integer({ min: 16, max: 10_000 })),
  temperature: fc.constantFrom(null, 0, 0.5),
  topP: fc.constantFrom(null, 0.5),
  stopSequences: fc.constant([]),
  stream: fc.boolean(),
  wishes,
  extensions: fc.constantFrom([], [{ of: 'openai', name: 'prompt_cache_key', value: 'k', refusal: null }]),
});

describe('a request for a response that is written and read again', () => {
  it('is the same in all that both can say', () => {
    const places = (value: unknown) => JSON.parse(JSON.stringify(value, (key, each) => (key === 'at' ? '' : each)));
    fc.assert(
      fc.property(requests, (asked) => {
        const { payload, dropped } = writeRequest(asked, { model: 'gpt-6', maxTokens: null });
        expect(dropped).to.deep.equal([]);
        const again = readRequest(asRecord(JSON.parse(JSON.stringify(payload))) ?? {});
        // That thoughts come encrypted is asked for in every request.
        const extensions = again.extensions.filter(({ name }) => name !== 'include');
        expect(places({ ...again, extensions })).to.deep.equal(places(asked));
      }),
      { numRuns: 300 },
    );
  });
});
