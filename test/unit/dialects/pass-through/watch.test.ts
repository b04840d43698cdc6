import { expect } from 'chai';
import { describe, it } from 'mocha';
import { TypedEventStream } from '../../../../src/dialects/pass-through/watch.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { dataOf, eventOf } from '../events.ts';

const partial = { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: 'AA==' };
const usage = { input_tokens: 3, output_tokens: 5, total_tokens: 8 };
const completed = { type: 'image_generation.completed', b64_json: 'AA==', usage };
const stream = (choices = 1) => new TypedEventStream({ choices }, 'text');

describe('a stream of typed events', () => {
  it('is passed on as it comes', () => {
    const text = `event: ${partial.type}\r\ndata: ${JSON.stringify(partial)}\r\n\r\n`;
    const step = stream().push(eventOf(text));
    expect([step.kind, step.bytes.toString()]).to.deep.equal(['content', text]);
    expect(stream().push(eventOf(': wait\n\n')).kind).to.equal('comment');
    expect(stream().push(eventOf('data:\n\n')).bytes.length).to.equal(0);
  });

  it('is whole when all that was asked for is completed or done', () => {
    for (const type of [
      'image_generation.completed',
      'image_edit.completed',
      'transcript.text.done',
      'speech.audio.done',
    ]) {
      const one = stream();
      expect(one.push(dataOf({ type })).kind).to.equal('finish');
      expect([one.whole, one.end().complete, one.facts.hasParts]).to.deep.equal([true, true, true]);
    }
    const two = stream(2);
    two.push(dataOf(completed));
    expect([two.whole, two.end().complete]).to.deep.equal([false, false]);
    two.push(dataOf(completed));
    expect([two.whole, two.end().complete]).to.deep.equal([true, true]);
  });

  it('is whole at its terminal, too, behind which nothing comes', () => {
    const one = stream();
    one.push(dataOf(partial));
    expect(one.end().complete).to.equal(false);
    expect(one.terminates(dataOf('[DONE]'))).to.equal(true);
    expect(one.push(dataOf('[DONE]')).kind).to.equal('terminal');
    expect(one.end().complete).to.equal(true);
    expect(one.push(dataOf(partial)).bytes.length).to.equal(0);
  });

  it('counts the tokens that an event reports, in a large one as well', () => {
    for (const image of ['AA==', 'AAAA'.repeat(100_000)]) {
      const one = stream();
      const step = one.push(dataOf({ ...completed, b64_json: image }));
      expect(step.bytes.length).to.be.above(image.length);
      expect(one.facts.usage).to.include({ input: 3, output: 5 });
    }
  });

  it('may tell an error', () => {
    const error = { message: 'no', type: 'image_generation_user_error', code: 'moderation_blocked' };
    for (const event of [
      dataOf({ type: 'error', error }),
      eventOf(`event: error\ndata: ${JSON.stringify({ error })}\n\n`),
    ]) {
      expect(stream().push(event)).to.deep.include({ kind: 'error' });
      expect(stream().push(event).error).to.include({ message: 'no', subject: 'content' });
    }
  });

  it('cannot be read if an event is no object, and is of another form if it begins as such', () => {
    for (const data of ['[1]', '"x"', '{"a', `{"a":"${'x'.repeat(100_000)}`]) {
      expect(() => stream().push(dataOf(data))).to.throw(UnreadableAnswerError);
    }
    expect(() => stream().push(dataOf({ type: 'message_start', message: {} }))).to.throw('another dialect');
  });
});
