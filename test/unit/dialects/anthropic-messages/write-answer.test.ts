import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readAnswer } from '../../../../src/dialects/anthropic-messages/read-answer.ts';
import { writeAnswer } from '../../../../src/dialects/anthropic-messages/write-answer.ts';
import type { Block, Finish, HubAnswer } from '../../../../src/dialects/hub.ts';
import { asRecord } from '../../../../src/shared/json.ts';
import { ownAnswers } from './arbitrary-answers.ts';
import { readByClient } from './official-client.ts';

const of = 'anthropic-messages';
const empty: HubAnswer = { id: null, model: null, blocks: [], finish: null, usage: null };
const stopped: Finish = { reason: 'stop', raw: 'stop', stopSequence: null };
const block = (head: Block['head'], text = '', attached: Block['attached'] = []): Block => ({ head, text, attached });
const call = (text: string, by: 'client' | 'provider' = 'client') =>
  block({ type: 'call', callId: 'c1', name: 'f', by }, text);
const written = (answer: Partial<HubAnswer>) =>
  writeAnswer({ ...empty, ...answer }, { model: 'asked-for', requestId: 'r' });
const contentOf = (...blocks: Block[]) => written({ blocks }).content;

describe('an answer as a message', () => {
  it('is what the official client reads', async () => {
    const answer = written({
      id: 'chatcmpl-1',
      model: 'gpt-x',
      blocks: [
        block({ type: 'reasoning', form: 'summary' }, 'hm'),
        block({ type: 'text' }, 'Hello.'),
        call('{"x":1}'),
        call(''),
      ],
      finish: { reason: 'calls', raw: 'tool_calls', stopSequence: null },
      usage: { input: 30, output: 9, cacheRead: 20, cacheWrite: 4, reasoning: 3 },
    });
    const message = await readByClient(answer);
    expect(message).to.deep.include({
      id: 'chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-x',
      stop_reason: 'tool_use',
      stop_sequence: null,
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: 'Hello.' },
        { type: 'tool_use', id: 'c1', name: 'f', input: { x: 1 } },
        { type: 'tool_use', id: 'c1', name: 'f', input: {} },
      ],
      usage: {
        input_tokens: 6,
        output_tokens: 9,
        cache_creation_input_tokens: 4,
        cache_read_input_tokens: 20,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
  });

  it('has the name that was asked for where the provider gives none', () => {
    expect(written({})).to.include({ id: 'msg_r', model: 'asked-for', stop_reason: null });
  });

  it('has proof of this dialect, and under a mark of ours what OpenAI has encrypted', () => {
    const thought = { type: 'reasoning', form: 'summary' } as const;
    const hidden = { type: 'reasoning', form: 'hidden' } as const;
    expect(
      contentOf(
        block(thought, 'a', [{ type: 'signature', of, data: 's' }]),
        block(thought, 'b', [{ type: 'signature', of: 'gemini', data: 's' }]),
        block(thought, '', [{ type: 'signature', of, data: 't' }]),
        block(thought),
        block(hidden, '', [{ type: 'redacted', of, data: 'r' }]),
        block(hidden, '', [{ type: 'redacted', of: 'gemini', data: 'r' }]),
        block(hidden, '', [{ type: 'redacted', of: 'openai-responses', data: 'r' }]),
        block(thought, 'c', [{ type: 'signature', of: 'openai-responses', data: 'r' }]),
      ),
    ).to.deep.equal([
      { type: 'thinking', thinking: 'a', signature: 's' },
      { type: 'thinking', thinking: 'b', signature: '' },
      { type: 'thinking', thinking: '', signature: 't' },
      { type: 'redacted_thinking', data: 'r' },
      { type: 'redacted_thinking', data: 'headgate.openai.r' },
      { type: 'thinking', thinking: 'c', signature: 'headgate.openai.r' },
    ]);
  });

  it('has sources and blocks of this dialect alone', () => {
    const value = { type: 'web_search_tool_result', tool_use_id: 's', content: [] };
    const foreign = (whose: string) =>
      block({ type: 'foreign', of: whose, name: 'web_search_tool_result', value, refusal: null });
    const sources = [of, 'gemini'].map((whose) => ({ type: 'citation', of: whose, data: '{"url":"x"}' }) as const);
    expect(contentOf(block({ type: 'text' }, 'a', sources), foreign(of), foreign('gemini'))).to.deep.equal([
      { type: 'text', text: 'a', citations: [{ url: 'x' }] },
      value,
    ]);
  });

  it('leaves out media and texts that are empty', () => {
    const media = block({ type: 'media', kind: 'image', mediaType: null, name: null, from: 'data' }, 'QUJD');
    expect(contentOf(media, block({ type: 'text' }))).to.deep.equal([]);
  });

  it('shows an input that is no JSON object, instead of an empty one', () => {
    const inputs = contentOf(call('{"x": 1'), call('[1]'), call('7')).map((each) => asRecord(each)?.input);
    expect(inputs).to.deep.equal([{ INVALID_JSON: '{"x": 1' }, { INVALID_JSON: '[1]' }, { INVALID_JSON: '7' }]);
  });

  it('says why it ended', () => {
    const reasons: [Finish['reason'], string][] = [
      ['stop', 'end_turn'],
      ['stop-sequence', 'stop_sequence'],
      ['length', 'max_tokens'],
      ['context-length', 'model_context_window_exceeded'],
      ['calls', 'tool_use'],
      ['filtered', 'refusal'],
      ['pause', 'pause_turn'],
      ['other', 'A_NEW_WORD'],
    ];
    for (const [reason, stop_reason] of reasons) {
      const finish = { reason, raw: 'A_NEW_WORD', stopSequence: 'END' };
      expect(written({ finish })).to.include({ stop_reason, stop_sequence: 'END' });
    }
  });

  it('ends with calls or a refusal where it has them and its provider says only that it stopped', () => {
    const refused = block({ type: 'refusal' }, 'No.');
    expect(written({ blocks: [refused], finish: stopped })).to.deep.include({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    });
    expect(written({ blocks: [call('{}')], finish: stopped }).stop_reason).to.equal('tool_use');
    expect(written({ blocks: [call('{}', 'provider')], finish: stopped }).stop_reason).to.equal('end_turn');
  });

  it('is read as the answer that it was', () => {
    fc.assert(
      fc.property(ownAnswers, (answer) => {
        const message = asRecord(JSON.parse(JSON.stringify(writeAnswer(answer, { model: 'm', requestId: 'r' })))) ?? {};
        expect(readAnswer(message)).to.deep.equal(answer);
      }),
      { numRuns: 500 },
    );
  });
});
