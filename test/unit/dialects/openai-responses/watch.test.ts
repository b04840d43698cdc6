import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { dataOf, eventOf } from '../events.ts';

const response = { id: 'resp_1', object: 'response', created_at: 7, model: 'gpt-x', status: 'in_progress', output: [] };
const created = { type: 'response.created', sequence_number: 0, response };
const delta = (text: string) => ({
  type: 'response.output_text.delta',
  sequence_number: 4,
  item_id: 'msg_1',
  delta: text,
});
const usage = { input_tokens: 3, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 }, total_tokens: 5 };
const completed = { type: 'response.completed', response: { ...response, status: 'completed', usage } };

function watched(...payloads: readonly unknown[]) {
  const answer = openaiResponses.watch(answerContext());
  const steps = payloads.map((payload) => answer.push(dataOf(payload)));
  return { answer, steps, kinds: steps.map(({ kind }) => kind) };
}

describe('a stream of responses that goes back as it is', () => {
  it('keeps its bytes, and is known step by step', () => {
    const { answer, steps, kinds } = watched(created, delta('Hi'), completed);
    expect(kinds).to.deep.equal(['metadata', 'content', 'terminal']);
    expect(steps[1]?.bytes.toString()).to.equal(dataOf(delta('Hi')).raw.toString());
    expect(answer.facts).to.deep.equal({
      hasParts: true,
      reason: 'stop',
      usage: { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 1 },
    });
    expect(answer.end()).to.deep.include({ complete: true, otherForm: false });
  });

  it('is committed by content, by a call, and by a tool that the provider runs', () => {
    const item = (fields: object) => ({ type: 'response.output_item.added', output_index: 0, item: fields });
    const message = { type: 'message', id: 'msg_1', content: [] };
    const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'e' };
    expect(watched(item(message), item(thought), delta('')).kinds).to.deep.equal(Array(3).fill('metadata'));
    for (const type of ['function_call', 'custom_tool_call', 'web_search_call', 'mcp_call']) {
      expect(watched(item({ type, id: 'x' })).kinds, type).to.deep.equal(['content']);
    }
    const done = {
      type: 'response.output_item.done',
      item: { ...message, content: [{ type: 'output_text', text: 'x' }] },
    };
    expect(watched(done).kinds).to.deep.equal(['content']);
  });

  it('is incomplete with its reason, and cut without its last event', () => {
    const details = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const { answer, kinds } = watched(created, { type: 'response.incomplete', response: { ...response, ...details } });
    expect(kinds.at(-1)).to.equal('terminal');
    expect(answer.facts.reason).to.equal('max_output_tokens');
    expect(watched(created, delta('x')).answer.end()).to.deep.include({ complete: false });
  });

  it('reports an error, and the tokens of a response that failed', () => {
    const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'no money', param: null };
    const { steps } = watched(created, { type: 'error', sequence_number: 2, error });
    expect(steps[1]).to.deep.include({ kind: 'error', bytes: Buffer.alloc(0) });
    expect(steps[1]?.error).to.deep.include({ code: 'insufficient_quota', quota: true });
    const flat = watched({ type: 'error', code: 'server_error', message: 'oh', param: null }).steps[0];
    expect(flat?.error).to.deep.include({ status: 500, message: 'oh' });
    const bare = watched({ error: { code: 'rate_limit_exceeded', message: 'slow' } }).steps[0];
    expect(bare?.error?.status).to.equal(429);
    const failed = { ...response, status: 'failed', usage, error: { code: 'server_error', message: 'oh' } };
    const { answer, kinds } = watched(created, { type: 'response.failed', response: failed });
    expect(kinds.at(-1)).to.equal('error');
    expect(answer.facts.usage?.output).to.equal(2);
    expect(watched({ type: 'response.failed', response: { error: null } }).kinds).to.deep.equal(['error']);
  });

  it('takes what is wrong with a prompt, its pictures or its servers for an error of the request', () => {
    const failed = (code: string) => ({ type: 'response.failed', response: { status: 'failed', error: { code } } });
    for (const code of ['invalid_prompt', 'failed_to_download_image', 'image_too_large', 'invalid_base64_image']) {
      expect(watched(failed(code)).steps[0]?.error?.status, code).to.equal(400);
    }
    const error = { type: 'external_connector_error', code: 'http_error', message: 'no such host' };
    expect(watched({ type: 'error', error }).steps[0]?.error?.status).to.equal(424);
  });

  it('loses what is no event of this dialect', () => {
    const { kinds, steps } = watched('[DONE]', '', created, completed, delta('late'));
    expect(kinds).to.deep.equal(['comment', 'comment', 'metadata', 'terminal', 'metadata']);
    expect([0, 1, 4].map((index) => steps[index]?.bytes.length)).to.deep.equal([0, 0, 0]);
    expect(openaiResponses.watch(answerContext()).push(eventOf(': ping\n\n'))).to.deep.include({ kind: 'comment' });
  });

  it('is told from streams of other dialects and from broken ones', () => {
    expect(() => watched({ choices: [] }))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', true);
    expect(() => watched('{"type":'))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', false);
    expect(watched({ foreign: 1 }).answer.end()).to.deep.include({ complete: false, otherForm: true });
  });

  it('says nothing by what OpenAI sends while a model thinks', () => {
    const keepalive = { type: 'keepalive', sequence_number: 3 };
    expect(watched(created, keepalive).steps[1]).to.deep.equal({
      kind: 'metadata',
      bytes: dataOf(keepalive).raw,
      isPing: true,
    });
  });

  it('has a last event of any size', () => {
    const answer = openaiResponses.watch(answerContext());
    const logprobs = Array.from({ length: 60_000 }, () => ({ token: 'x', logprob: -1 }));
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'x', logprobs }] }];
    const large = { ...completed, response: { ...completed.response, output } };
    expect(answer.push(dataOf(large)).kind).to.equal('terminal');
    expect(answer.facts).to.deep.include({ hasParts: true }).and.to.have.property('usage').that.includes({ input: 3 });
  });

  it('knows what an end of our own must say', () => {
    const { answer } = watched(created, delta('x'));
    const { answer: told, nextEvent } = answer.soFar ?? {};
    expect(told).to.deep.include({ id: 'resp_1', model: 'gpt-x', created_at: 7, output: [] });
    expect(nextEvent).to.equal(5);
  });

  it("gives that end the number of the provider's error, which is not passed on", () => {
    const failure = { type: 'error', code: 'server_error', message: 'Broken', sequence_number: 5 };
    const { answer, steps } = watched(created, delta('x'), failure);
    expect(steps.at(-1)).to.include({ kind: 'error' });
    expect(answer.soFar?.nextEvent).to.equal(5);
  });
});
