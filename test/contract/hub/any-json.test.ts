/** For any JSON, the readers of dialects to come give legal events or throw their one error. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { HubEvent } from '../../../src/dialects/hub.ts';
import { answerEvents } from '../../../src/dialects/hub-answer.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { assertLegal, collected } from '../../helpers/hub-events.ts';
import { wires } from './recorded-wires.ts';

/** Names and values with a meaning in some payload, so that odd values get into fields that are read. */
const words = fc.constantFrom(
  ...['candidates', 'content', 'parts', 'text', 'thought', 'thoughtSignature', 'functionCall', 'name', 'args', 'id'],
  ...['inlineData', 'mimeType', 'data', 'finishReason', 'promptFeedback', 'blockReason', 'usageMetadata', 'index'],
  ...['groundingMetadata', 'promptTokenCount', 'responseId', 'contentBlockIndex', 'start', 'delta', 'toolUse', 'input'],
  ...['reasoningContent', 'reasoningText', 'signature', 'redactedContent', 'citation', 'stopReason', 'usage', 'type'],
  ...['output', 'message', 'citationsContent', 'citations', 'inputTokens', 'error', 'code', 'choices', '__proto__'],
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom('STOP', 'end_turn', 'image/png', 'a', '', null, true, false, 0, 1, -1, 1e300, 2 ** 60),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(words, tie('json'), { maxKeys: 5 }),
  ),
}));
const payload = fc.oneof(
  fc.record({ candidates: fc.tuple(fc.record({ content: fc.record({ parts: fc.array(json) }), finishReason: json })) }),
  fc.record({ contentBlockStart: fc.record({ contentBlockIndex: fc.nat(2), start: json }) }),
  fc.record({
    contentBlockDelta: fc.record({ contentBlockIndex: fc.nat(2), delta: fc.dictionary(words, json, { maxKeys: 2 }) }),
  }),
  fc.record({ contentBlockStop: fc.record({ contentBlockIndex: fc.nat(2) }) }),
  fc.record({ messageStop: fc.record({ stopReason: json }) }),
  fc.record({ metadata: fc.record({ usage: json }) }),
  fc.record({ output: fc.record({ message: fc.record({ content: fc.array(json) }) }), stopReason: json }),
  fc.dictionary(words, json, { maxKeys: 5 }),
);

for (const wire of wires) {
  describe(`the readers of ${wire.name}, given any JSON`, () => {
    it('give legal events of a stream, or throw UnreadableAnswerError', () => {
      fc.assert(
        fc.property(fc.array(payload, { maxLength: 8 }), (payloads) => {
          const reader = wire.reader();
          const read: HubEvent[] = [];
          try {
            for (const event of wire.events(payloads.map((each) => JSON.stringify(each))))
              read.push(...reader.push(event));
          } catch (error) {
            expect(error).to.be.instanceOf(UnreadableAnswerError);
          }
          assertLegal(read);
        }),
        { numRuns: 3_000 },
      );
    });

    it('give an answer, or throw UnreadableAnswerError', () => {
      fc.assert(
        fc.property(payload, (tree) => {
          try {
            const answer = wire.readAnswer(tree);
            assertLegal(answerEvents(answer));
            expect(collected(answerEvents(answer))).to.deep.equal(answer);
          } catch (error) {
            expect(error).to.be.instanceOf(UnreadableAnswerError);
          }
        }),
        { numRuns: 3_000 },
      );
    });
  });
}
