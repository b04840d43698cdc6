/** For any JSON, a codec of every two dialects either works or throws an error of its documented class, and nothing else. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { HubEvent } from '../../../src/dialects/hub.ts';
import { allCodecs } from '../../../src/dialects/registry.ts';
import type { HubOutbound, TargetDialect } from '../../../src/dialects/types.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { GatewayError } from '../../../src/shared/errors.ts';
import { json, jsonOf, payload, record } from '../../helpers/any-payloads.ts';
import { answerContext, arrivedAt } from '../../helpers/codecs.ts';
import { assertLegal } from '../../helpers/hub-events.ts';
import { dataOf } from './events.ts';

const context = answerContext({ model: 'm', includeUsage: true });

/** With what a message must have to get as far as the codec. */
const message = fc
  .tuple(record, fc.constantFrom('user', 'assistant', 'tool', 'system', 'developer', 'robot'))
  .map(([fields, role]) => ({ ...fields, role }));

/** Runs `act`; it may throw only errors of this class. */
function promised(expected: new (...parameters: never[]) => Error, act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(expected);
  }
}

/** Where the path names the model. */
const modelless = new Set(['bedrock-converse']);

/** What begins a stream, of the dialect that needs it. */
const begins = dataOf({ type: 'message_start', message: {} });

function isOutbound(dialect: TargetDialect): dialect is HubOutbound {
  return 'readStream' in dialect;
}

for (const codec of allCodecs) {
  const { inbound, outbound } = codec;

  describe(`what stands between ${inbound.name} and ${outbound.name}, given any JSON`, () => {
    it('reads streams or throws UnreadableAnswerError', () => {
      fc.assert(
        fc.property(fc.array(payload, { maxLength: 6 }), (payloads) => {
          const stream = codec.stream(context);
          promised(UnreadableAnswerError, () => {
            if (outbound.name === 'anthropic-messages') stream.push(begins);
            for (const payload of payloads) {
              const step = stream.push(dataOf(jsonOf(payload)));
              expect(step.kind === 'error').to.equal(step.error !== undefined);
            }
          });
          expect(stream.end().complete).to.be.a('boolean');
        }),
        { numRuns: 1_000 },
      );
    });

    it('reads answers or throws UnreadableAnswerError', () => {
      fc.assert(
        fc.property(record, json, (fields, part) => {
          for (const answer of [
            fields,
            { ...fields, choices: [part] },
            { ...fields, content: [part] },
            { ...fields, output: [part] },
          ]) {
            promised(UnreadableAnswerError, () => codec.answer(Buffer.from(jsonOf(answer)), context, null));
          }
        }),
        { numRuns: 1_000 },
      );
    });

    it('makes requests or refuses them with a 400', () => {
      const requests = fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 4 }), more: record });
      fc.assert(
        fc.property(requests, ({ messages, more }) => {
          const body = { max_tokens: 16, ...more, model: 'm', messages, input: messages };
          const bytes = Buffer.from(jsonOf(body));
          promised(GatewayError, () => {
            const arrived = arrivedAt(inbound, bytes);
            const { body: sent } = codec.request(arrived, { model: 'other', maxTokens: null });
            // What names no model is sent as it comes, or not at all.
            if (arrived.outline.model === '') expect(sent.toString()).to.be.oneOf(['', bytes.toString()]);
            else expect(JSON.parse(sent.toString()).model).to.equal(modelless.has(outbound.name) ? undefined : 'other');
          });
        }),
        { numRuns: 1_000 },
      );
    });
  });
}

for (const dialect of new Set(allCodecs.map(({ outbound }) => outbound).filter(isOutbound))) {
  describe(`the reader of streams of ${dialect.name}, given any JSON`, () => {
    for (const before of [[], [begins]]) {
      it(`gives legal events or throws UnreadableAnswerError, ${before.length === 0 ? 'at' : 'after'} a beginning`, () => {
        fc.assert(
          fc.property(fc.array(payload, { maxLength: 8 }), (payloads) => {
            const reader = dialect.readStream();
            const read: HubEvent[] = [];
            promised(UnreadableAnswerError, () => {
              for (const event of [...before, ...payloads.map((each) => dataOf(jsonOf(each)))])
                read.push(...reader.push(event));
            });
            assertLegal(read);
          }),
          { numRuns: 2_000 },
        );
      });
    }
  });
}
