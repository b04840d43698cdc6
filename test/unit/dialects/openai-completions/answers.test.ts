/** Answers of completions, whole and streamed, and the one made of the other. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { openaiCompletions } from '../../../../src/dialects/openai-completions/index.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { dataOf, eventOf, stepsOf } from '../events.ts';

const head = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm' };
const choice = (text: string, finish: string | null = null, index = 0) => ({
  text,
  index,
  logprobs: null,
  finish_reason: finish,
});
const piece = (...choices: readonly object[]) => ({ ...head, choices });
const usage = { prompt_tokens: 14, completion_tokens: 16, total_tokens: 30 };
const inspect = (payload: unknown) => openaiCompletions.inspect(Buffer.from(JSON.stringify(payload)), null);
const watch = (choices = 1) => openaiCompletions.watch(answerContext({ choices }));

describe('a whole completion', () => {
  it('goes back unchanged, and is read for its facts', () => {
    const bytes = Buffer.from(JSON.stringify({ ...piece(choice('hi', 'length')), usage }));
    const { body, facts } = openaiCompletions.inspect(bytes, null);
    expect(body).to.equal(bytes);
    expect(facts).to.deep.include({ hasParts: true, reason: 'length' });
    expect(facts.usage).to.include({ input: 14, output: 16 });
  });

  it('is empty without a text, unless its reason explains that', () => {
    expect(isEmpty(inspect(piece(choice('', 'stop'))).facts, false)).to.equal(true);
    expect(isEmpty(inspect(piece(choice('', 'stop'))).facts, true)).to.equal(false);
    expect(isEmpty(inspect(piece(choice('', 'content_filter'))).facts, false)).to.equal(false);
  });

  it('is none without choices, or where it says an error', () => {
    expect(() => inspect({ object: 'list', data: [] })).to.throw(UnreadableAnswerError, 'no choices');
    expect(() => inspect({ error: { message: 'no' } })).to.throw(UnreadableAnswerError, 'error');
    expect(() => openaiCompletions.inspect(Buffer.from('[]'), null)).to.throw(UnreadableAnswerError, 'object');
  });

  it('is read the same if its text is large', () => {
    const { facts } = inspect({ ...piece(choice('é'.repeat(500_000), 'stop')), usage });
    expect(facts).to.deep.include({ hasParts: true, reason: 'stop' });
    expect(facts.usage?.output).to.equal(16);
  });
});

describe('a stream of completions', () => {
  it('has text, a finish reason, usage and a terminal, all passed on as they came', () => {
    const stream = watch();
    const events = [piece(choice('The')), piece(choice(' end')), piece(choice('', 'stop')), { ...piece(), usage }];
    const steps = stepsOf(stream, ...events, '[DONE]');
    expect(steps.map(({ kind }) => kind)).to.deep.equal(['content', 'content', 'finish', 'metadata', 'terminal']);
    events.forEach((event, index) => {
      expect(steps[index]?.bytes.toString()).to.equal(`data: ${JSON.stringify(event)}\n\n`);
    });
    expect(stream.facts).to.deep.include({ hasParts: true, reason: 'stop' });
    expect(stream.facts.usage).to.include({ input: 14, output: 16 });
    expect([stream.whole, stream.end().complete]).to.deep.equal([true, true]);
  });

  it('is whole when each choice that was asked for has its reason', () => {
    const stream = watch(2);
    stepsOf(stream, piece(choice('a')), piece(choice('b', 'stop', 1)));
    expect([stream.whole, stream.end().complete]).to.deep.equal([false, false]);
    stepsOf(stream, piece(choice('c', 'length')));
    expect(stream.whole).to.equal(true);
    expect(stream.end().bytes.toString()).to.equal('data: [DONE]\n\n');
  });

  it('is not whole if it ends before its reason, and of another form if it is of another dialect', () => {
    const cut = watch();
    stepsOf(cut, piece(choice('a')));
    expect(cut.end()).to.deep.include({ complete: false, otherForm: false });
    const other = watch();
    stepsOf(other, { object: 'list' });
    expect(other.end().otherForm).to.equal(true);
    expect(() => watch().push(dataOf({ type: 'response.created' }))).to.throw('another dialect');
  });

  it('may tell an error, in any form that a chat may', () => {
    for (const payload of [{ error: { message: 'no', code: 500 } }, piece({ ...choice(''), finish_reason: 'error' })]) {
      expect(watch().push(dataOf(payload)).kind).to.equal('error');
    }
    expect(watch().push(eventOf('error: {"message":"no"}\n\n')).kind).to.equal('error');
  });

  it('reads comments, empty data and what is no object', () => {
    expect(watch().push(eventOf(': x\n\n')).kind).to.equal('comment');
    expect(watch().push(eventOf('data:\n\n')).bytes.length).to.equal(0);
    expect(() => watch().push(dataOf('"x"'))).to.throw(UnreadableAnswerError);
  });
});

describe('a completion in the other form', () => {
  const eventsIn = (bytes: Buffer) => new SseSplitter().push(bytes);
  const whole = { ...piece(choice('a b', 'stop'), choice('c', 'length', 1)), usage };

  it('is the same when it was split and put together again', () => {
    for (const includeUsage of [true, false]) {
      const context = answerContext({ includeUsage, choices: 2 });
      const { events, terminal } = openaiCompletions.split(Buffer.from(JSON.stringify(whole)), context) ?? {};
      const collector = openaiCompletions.collect();
      const stream = openaiCompletions.watch(context);
      for (const event of eventsIn(Buffer.concat([events ?? Buffer.alloc(0), terminal ?? Buffer.alloc(0)]))) {
        collector?.push(event);
        stream.push(event);
      }
      expect(stream.end().complete).to.equal(true);
      const { usage: counted, ...rest } = JSON.parse(collector?.body().toString() ?? '');
      expect(rest).to.deep.equal({ ...head, choices: whole.choices });
      expect(counted).to.deep.equal(includeUsage ? usage : undefined);
    }
  });

  it('is put together of pieces', () => {
    const collector = openaiCompletions.collect();
    const pieces = [piece(choice('a')), piece(choice(' b')), piece(choice('', 'stop')), { ...piece(), usage }];
    for (const each of [...pieces, 'not json']) collector?.push(dataOf(each));
    expect(JSON.parse(collector?.body().toString() ?? '')).to.deep.equal({
      ...head,
      choices: [choice('a b', 'stop')],
      usage,
    });
  });
});
