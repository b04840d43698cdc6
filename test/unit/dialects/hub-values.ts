/** Any answer in the neutral form, for tests of what is made of it. */
import fc from 'fast-check';
import type { Attachment, Block, BlockHead, Finish, HubAnswer, Usage } from '../../../src/dialects/hub.ts';

const word = fc.string({ maxLength: 8 });
const count = fc.nat(1_000);

const head: fc.Arbitrary<BlockHead> = fc.oneof(
  fc.constantFrom<BlockHead>({ type: 'text' }, { type: 'refusal' }),
  fc.constantFrom('raw', 'summary', 'hidden').map((form): BlockHead => ({ type: 'reasoning', form })),
  fc
    .tuple(word, word, fc.constantFrom('client', 'provider'))
    .map(([callId, name, by]): BlockHead => ({ type: 'call', callId, name, by })),
  fc
    .tuple(fc.constantFrom('image', 'audio', 'video', 'file'), fc.option(word), fc.constantFrom('data', 'url'))
    .map(([kind, mediaType, from]): BlockHead => ({ type: 'media', kind, mediaType, name: mediaType, from })),
  fc
    .tuple(word, fc.jsonValue(), fc.option(word))
    .map(([name, value, refusal]): BlockHead => ({ type: 'foreign', of: 'esperanto', name, value, refusal })),
);

const attachment: fc.Arbitrary<Attachment> = fc
  .tuple(fc.constantFrom('signature', 'redacted', 'citation'), word)
  .map(([type, data]) => ({ type, of: 'esperanto', data }));

const block: fc.Arbitrary<Block> = fc.record({ head, text: word, attached: fc.array(attachment, { maxLength: 3 }) });

const usage: fc.Arbitrary<Usage> = fc.record({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  reasoning: count,
});

const finish: fc.Arbitrary<Finish> = fc.record({
  reason: fc.constantFrom('stop', 'stop-sequence', 'length', 'context-length', 'calls', 'filtered', 'pause', 'other'),
  raw: fc.string({ minLength: 1, maxLength: 8 }),
  stopSequence: fc.option(word),
});

/** With blocks of every kind that an answer may have. */
export const answers: fc.Arbitrary<HubAnswer> = fc.record({
  id: fc.option(word),
  model: fc.option(word),
  blocks: fc.array(block, { maxLength: 5 }),
  finish: fc.option(finish),
  usage: fc.option(usage),
});
