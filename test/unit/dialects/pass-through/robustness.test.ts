/** For any answer, what is passed through is read, or refused by an error of the documented class; nothing else is thrown. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { openaiCompletions } from '../../../../src/dialects/openai-completions/index.ts';
import { passThroughDialects } from '../../../../src/dialects/pass-through/index.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { dataOf } from '../events.ts';

const words = fc.constantFrom(
  ...[
    'data',
    'results',
    'choices',
    'text',
    'index',
    'usage',
    'meta',
    'tokens',
    'prompt_tokens',
    'total_tokens',
    'error',
  ],
  ...[
    'type',
    'message',
    'code',
    'object',
    'finish_reason',
    'event',
    'image_generation.completed',
    'transcript.text.done',
  ],
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(words, fc.double(), fc.constantFrom(null, true, '', 0)),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(words, tie('json'), { maxKeys: 5 }),
  ),
}));

function promised(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(UnreadableAnswerError);
  }
}

describe('what is passed through', () => {
  for (const dialect of [openaiCompletions, ...passThroughDialects]) {
    it(`is read or refused, whatever it is: ${dialect.name}`, () => {
      fc.assert(
        fc.property(
          json,
          fc.uint8Array(),
          fc.constantFrom('', 'application/json', 'audio/mpeg'),
          (value, bytes, type) => {
            for (const body of [Buffer.from(JSON.stringify(value)), Buffer.from(bytes)]) {
              promised(() => {
                const answer = dialect.inspect(body, null, type);
                expect(answer.facts.usage?.input ?? 0).to.be.at.least(0);
              });
            }
            const stream = dialect.watch(answerContext());
            for (const payload of [value, { type: value }, { choices: [value] }]) {
              promised(() => {
                const { kind, error } = stream.push(dataOf(payload));
                expect(kind === 'error').to.equal(error !== undefined);
              });
            }
            expect(stream.end().complete).to.be.a('boolean');
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});
