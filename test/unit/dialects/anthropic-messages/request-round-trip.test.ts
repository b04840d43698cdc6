/** What this dialect writes for a target, it reads from a client. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/anthropic-messages/read-request.ts';
import { writeRequest } from '../../../../src/dialects/anthropic-messages/write-request.ts';
import type { HubRequest, Message, RequestBlock, Wishes } from '../../../../src/dialects/hub.ts';
import { asRecord } from '../../../../src/shared/json.ts';

const of = 'anthropic-messages';

/** Gives each call and each result an id of its own: of those that occur again, calls get others and results become one. */
function numbered(messages: readonly Message[]): Message[] {
  let count = 0;
  const withId = (block: RequestBlock): RequestBlock => {
    const { head } = block;
    if (head.type !== 'call' && head.type !== 'result') return block;
    count += 1;
    return { ...block, head: { ...head, callId: `${head.callId}-${count}` } };
  };
  return messages.map((message) => ({ ...message, blocks: message.blocks.map(withId) }));
}

describe('a request that is written and read again', () => {
  const text = fc.string({ minLength: 1, maxLength: 10 });
  const id = fc.stringMatching(/^[\w-]{1,8}$/);
  const block = (head: RequestBlock['head'], words = ''): RequestBlock => ({
    head,
    text: words,
    attached: [],
    at: '',
    cache: null,
  });
  // Blanks alone are left out.
  const said = text.filter((words) => words.trim() !== '').map((words) => block({ type: 'text' }, words));
  const cache = fc.option(fc.record({ ttl: fc.constantFrom(null, '5m', '1h') }), { freq: 4 });
  const marked = fc.tuple(said, cache).map(([words, mark]): RequestBlock => ({ ...words, cache: mark }));
  const images = fc.constantFrom(
    block({ type: 'media', kind: 'image', mediaType: 'image/png', name: null, from: 'data' }, 'QUJD'),
    block({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'url' }, 'https://example.com/a.png'),
    block({ type: 'media', kind: 'file', mediaType: 'application/pdf', name: 'a.pdf', from: 'data' }, 'QUJD'),
    block({ type: 'media', kind: 'file', mediaType: null, name: null, from: 'url' }, 'https://example.com/a.pdf'),
  );
  const parts = fc.array(fc.oneof(marked, images), { minLength: 1, maxLength: 3 });
  const results = fc
    .record({ callId: id, content: parts, isError: fc.boolean() })
    .map((head) => block({ type: 'result', name: null, ...head }));
  const calls = fc
    .record({ callId: id, name: id, input: fc.dictionary(id, fc.integer(), { maxKeys: 3 }) })
    .map(({ input, ...head }) => block({ type: 'call', by: 'client', ...head }, JSON.stringify(input)));
  const thoughts = fc.tuple(text, id).map(
    ([words, data]): RequestBlock => ({
      ...block({ type: 'reasoning', form: 'summary' }, words),
      attached: [{ type: 'signature', of, data }],
    }),
  );
  const turns = fc
    .tuple(fc.array(results, { maxLength: 2 }), parts, fc.array(thoughts, { maxLength: 2 }), said, fc.array(calls))
    .map(([answered, asked, thought, words, called]): Message[] => [
      { role: 'user', blocks: [...answered, ...asked] },
      { role: 'assistant', blocks: [...thought.slice(0, 1), words, ...called, ...thought.slice(1)] },
    ]);
  const tools = fc.array(
    fc.record({
      name: id,
      description: fc.option(text),
      schema: fc.constant({ type: 'object', properties: {} }),
      isStrict: fc.boolean(),
      cache,
    }),
    { minLength: 1, maxLength: 2 },
  );
  const wished = <Value>(value: fc.Arbitrary<Value>, at: string) =>
    fc.option(
      value.map((each) => ({ value: each, at })),
      { nil: null },
    );
  const wishes: fc.Arbitrary<Wishes> = fc.record({
    format: wished(
      fc.constant({
        type: 'schema',
        schema: { type: 'object', additionalProperties: false },
        name: null,
        description: null,
        isStrict: true,
      } as const),
      'output_config.format',
    ),
    effort: wished(fc.constantFrom('low', 'high', 'ultra'), 'output_config.effort'),
    thinking: wished(fc.constantFrom({ type: 'disabled' }, { type: 'disabled', display: 'omitted' }), 'thinking'),
    summary: fc.constant(null),
    topK: wished(fc.integer({ min: 1, max: 9 }), 'top_k'),
    user: wished(id, 'metadata.user_id'),
    verbosity: fc.constant(null),
    serviceTier: wished(fc.constant('default'), 'service_tier'),
    cache: wished(fc.record({ ttl: fc.constantFrom(null, '1h') }), 'cache_control'),
  });
  const requests: fc.Arbitrary<HubRequest> = fc.record({
    messages: fc
      .tuple(fc.option(marked), fc.array(turns, { minLength: 1, maxLength: 3 }))
      .map(([prompt, rest]): Message[] => [
        ...(prompt === null ? [] : [{ role: 'system', blocks: [prompt] } as const]),
        ...rest.flat(),
        { role: 'user', blocks: [block({ type: 'text' }, 'hi')] } as const,
      ])
      .map(numbered),
    tools,
    toolChoice: fc.oneof(
      fc.constantFrom({ type: 'auto' } as const, { type: 'required' } as const),
      id.map((name) => ({ type: 'tool', name }) as const),
    ),
    parallelCalls: fc.constantFrom(null, false),
    maxTokens: fc.integer({ min: 1, max: 10_000 }),
    temperature: fc.constantFrom(null, 0, 0.5),
    topP: fc.constant(null),
    stopSequences: fc.array(id, { maxLength: 2 }),
    stream: fc.boolean(),
    wishes,
    extensions: fc.constantFrom([], [{ of, name: 'speed', value: 'fast', refusal: null }]),
  });

  it('is the same in all that both can say', () => {
    const places = (value: unknown) => JSON.parse(JSON.stringify(value, (key, each) => (key === 'at' ? '' : each)));
    fc.assert(
      fc.property(requests, (asked) => {
        const { payload, dropped } = writeRequest(asked, { model: 'm', maxTokens: null });
        expect(dropped).to.deep.equal([]);
        const again = readRequest(asRecord(JSON.parse(JSON.stringify(payload))) ?? {});
        expect(places(again)).to.deep.equal(places(asked));
      }),
      { numRuns: 300 },
    );
  });
});
