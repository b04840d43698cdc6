/** The tokens of recorded answers, as the recordings say them: read where they go back as they are, and where they do not. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Usage } from '../../src/dialects/hub.ts';
import type { AnswerStream } from '../../src/dialects/types.ts';
import { SseSplitter } from '../../src/wire/sse.ts';
import { answerContext, codecOf } from '../helpers/codecs.ts';
import { linesOf, type Recording, streams, wholeAnswers } from './recordings.ts';

const plain = (input: number, output: number, more: Partial<Usage> = {}): Usage => ({
  ...{ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  ...more,
});

/** By dialect, then by recording, of which there may be fewer here: what its answer used, whole and streamed. */
const expected: Readonly<
  Record<string, Readonly<Record<string, { readonly whole?: Usage; readonly stream?: Usage }>>>
> = {
  'openai-chat': {
    'openai-compatible/xai-text': { stream: plain(12, 291, { cacheRead: 11, reasoning: 290 }) },
    'openai-compatible/groq-text': { whole: plain(45, 607, { tier: 'default' }), stream: plain(45, 662) },
    'openai-compatible/groq-reasoning': { stream: plain(17, 1107, { reasoning: 963 }) },
    'openai-compatible/deepseek-tool-call': { stream: plain(339, 83, { cacheRead: 320, reasoning: 39 }) },
    'openai-compatible/deepseek-text': { stream: plain(13, 400) },
    'openai-compatible/mistral-text': { stream: plain(13, 8) },
    'openai/openai-text': { stream: plain(16, 300, { tier: 'default' }) },
    'openai/azure-model-router.1': { stream: plain(15, 78, { reasoning: 64 }) },
  },
  'anthropic-messages': {
    'anthropic/anthropic-text': { stream: plain(12, 30, { tier: 'default' }) },
    'anthropic/anthropic-message-delta-input-tokens': { stream: plain(61, 2) },
    'anthropic/anthropic-web-search-tool.1': {
      stream: plain(15_665, 795, { tier: 'default', serverTools: { web_search: 1 } }),
    },
  },
};

const folders = ['openai', 'openai-compatible', 'anthropic'];

/** The clients whose dialect is another one. */
const clients: Readonly<Record<string, string>> = {
  'openai-chat': 'anthropic-messages',
  'anthropic-messages': 'openai-chat',
};

function pushed(stream: AnswerStream, recording: Recording): AnswerStream {
  const events = linesOf(recording).map((line) => `event: ${JSON.parse(line).type ?? ''}\ndata: ${line}\n\n`);
  const lines = events.map((event) => event.replace(/^event: \n/, ''));
  for (const event of new SseSplitter().push(Buffer.from(lines.join('')))) stream.push(event);
  return stream;
}

for (const [dialect, recordings] of Object.entries(expected)) {
  describe(`the recorded tokens of ${dialect}`, () => {
    const readers = [codecOf(dialect, dialect), codecOf(clients[dialect] ?? '', dialect)];

    for (const recording of wholeAnswers(...folders)) {
      const usage = recordings[recording.name]?.whole;
      if (usage === undefined) continue;
      it(`are those of the whole answer: ${recording.name}`, () => {
        for (const codec of readers) {
          const { facts, said } = codec.answer(Buffer.from(recording.text), answerContext(), null);
          expect(facts.usage).to.deep.equal(usage);
          expect(said?.model).to.equal(JSON.parse(recording.text).model);
        }
      });
    }

    for (const recording of streams(...folders)) {
      const usage = recordings[recording.name]?.stream;
      if (usage === undefined) continue;
      it(`are those of the stream: ${recording.name}`, () => {
        for (const codec of readers) {
          expect(pushed(codec.stream(answerContext()), recording).facts.usage).to.deep.equal(usage);
        }
      });
    }
  });
}

describe('the size of a recorded answer', () => {
  for (const recording of streams('openai', 'openai-compatible')) {
    it(`is the same passed on and translated: ${recording.name}`, () => {
      const [passed, translated] = ['openai-chat', 'anthropic-messages'].map(
        (inbound) => pushed(codecOf(inbound, 'openai-chat').stream(answerContext()), recording).said,
      );
      expect(passed).to.deep.equal(translated);
      expect((passed?.text ?? 0) + (passed?.reasoning ?? 0)).to.be.greaterThan(0);
    });
  }
});
