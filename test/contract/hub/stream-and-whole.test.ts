/**
 * For any answer of a provider, whatever its parts and however its stream is cut: a stream that is translated and put
 * together is what the whole answer is in translation, for every pair of dialects.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Content, content } from '../../../scripts/fidelity/contents.ts';
import type { Finish, Part } from '../../../scripts/fidelity/meaning.ts';
import { writeChat } from '../../../scripts/fidelity/providers/chat.ts';
import { writeConverse } from '../../../scripts/fidelity/providers/converse.ts';
import { writeMessages } from '../../../scripts/fidelity/providers/messages.ts';
import { bytesOf } from '../../../scripts/fidelity/providers/pieces.ts';
import { writeResponses } from '../../../scripts/fidelity/providers/responses.ts';
import type { JsonRecord } from '../../../src/shared/json.ts';
import { codecOf } from '../../helpers/codecs.ts';
import { context, eventsIn, translateStream } from '../translate.ts';

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 24 }).map((said) => said.toWellFormed());
const prose: fc.Arbitrary<Part> = fc.record({ type: fc.constantFrom('text', 'reasoning', 'refusal'), text });
const args = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });

/** Their ids are given by their places: two calls never have the same. */
const call = args.map((input): Part => {
  return { type: 'call', call: { id: '', name: 'tide', input: JSON.stringify(input) } };
});
const parts = fc.array(fc.oneof(prose, call), { maxLength: 6 }).map((list) =>
  list.map((part, at): Part => {
    return part.type === 'call' ? { type: 'call', call: { ...part.call, id: `call_${at}` } } : part;
  }),
);

const finish = fc.constantFrom<Finish>('stop', 'length', 'calls', 'refused', 'stop-sequence');
const counts = fc.record({
  input: fc.integer({ min: 30, max: 99 }),
  output: fc.nat(99),
  cached: fc.nat(9),
  kept: fc.nat(9),
  reasoning: fc.constant(0),
});

const answers: fc.Arbitrary<Content> = fc
  .record({ parts, finish, usage: counts, pieceLength: fc.integer({ min: 1, max: 9 }), interleaved: fc.boolean() })
  .map(({ parts: said, ...special }) => content('any', said, special));

const writers = {
  'openai-chat': writeChat,
  'anthropic-messages': writeMessages,
  'openai-responses': writeResponses,
  'bedrock-converse': writeConverse,
} as const;
const inbounds = ['openai-chat', 'anthropic-messages', 'openai-responses'] as const;
const outbounds = [...inbounds, 'bedrock-converse'] as const;

/** An answer of a client's dialect. In a chat's, a text that is not there is null or empty. */
function comparable(body: Buffer): JsonRecord {
  return JSON.parse(body.toString(), (key, value) => (key === 'content' && value === '' ? null : value));
}

const order: readonly Part['type'][] = ['reasoning', 'text', 'refusal', 'call'];

/** A whole completion does not say in which order its parts were said: only those in its own order are the same. */
function asSaidBy(outbound: (typeof outbounds)[number], answer: Content): Content {
  if (outbound !== 'openai-chat') return answer;
  const sorted = answer.parts.toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  return { ...answer, parts: sorted };
}

describe('a stream in translation', () => {
  for (const inbound of inbounds) {
    for (const outbound of outbounds) {
      if (inbound === outbound) continue;
      it(`is the whole answer, put together: ${outbound} for a client of ${inbound}`, () => {
        const codec = codecOf(inbound, outbound);
        fc.assert(
          fc.property(answers, fc.array(fc.nat(4_000), { maxLength: 5 }), (answer, cuts) => {
            const written = writers[outbound](asSaidBy(outbound, answer));
            const { whole } = written;
            const bytes = bytesOf(written);
            const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
            const chunks = places.slice(1).map((to, at) => bytes.subarray(places[at], to));
            const stream = translateStream(codec, ...chunks);
            expect(stream.end.complete).to.equal(true);
            const collector = codec.inbound.collect();
            for (const event of eventsIn(stream.bytes)) collector?.push(event);
            const plain = codec.answer(Buffer.from(whole), context, null);
            expect(comparable(collector?.body() ?? Buffer.alloc(0))).to.deep.equal(comparable(plain.body));
            expect(stream.answer.facts).to.deep.equal(plain.facts);
          }),
          { numRuns: 300 },
        );
      });
    }
  }
});
