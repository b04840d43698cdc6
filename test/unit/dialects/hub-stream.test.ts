/** A stream between a reader and a writer that a test makes: the data of an event is a list of neutral events. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { BlockHead, HubEvent } from '../../../src/dialects/hub.ts';
import { answerEvents, factsOf } from '../../../src/dialects/hub-answer.ts';
import { HubStream } from '../../../src/dialects/hub-stream.ts';
import type { StreamReader, StreamStep, StreamWriter } from '../../../src/dialects/types.ts';
import { UnreadableAnswerError, type UpstreamError } from '../../../src/dialects/upstream-error.ts';
import type { SseEvent } from '../../../src/wire/sse.ts';
import { dataOf, eventOf } from './events.ts';
import { answers } from './hub-values.ts';

const overloaded: UpstreamError = {
  status: 529,
  message: 'overloaded',
  type: 'overloaded_error',
  param: null,
  code: null,
  quota: false,
  subject: null,
  retryAfterMs: null,
};

class PlainReader implements StreamReader {
  isOtherForm = false;

  push({ raw, data }: Pick<SseEvent, 'raw' | 'data'>): readonly HubEvent[] {
    if (raw.toString().startsWith('error:')) throw new UnreadableAnswerError('an error', { error: overloaded });
    if (data === 'unreadable') throw new UnreadableAnswerError('it cannot be read');
    if (data === 'error') throw new UnreadableAnswerError('an error', { error: overloaded });
    return JSON.parse(data || '[]');
  }

  terminates({ data }: { readonly data: string | null }): boolean {
    return data === 'last';
  }
}

/** Writes each event's type as a line. */
class PlainWriter implements StreamWriter {
  heldBytes = 0;

  write({ type }: HubEvent): Buffer {
    return Buffer.from(`${type}\n`);
  }
}

function newStream({ isUnchanged = false } = {}) {
  const [reader, writer] = [new PlainReader(), new PlainWriter()];
  const stream = new HubStream(reader, writer, isUnchanged);
  const push = (...events: readonly HubEvent[]): StreamStep => stream.push(dataOf(events));
  return { stream, reader, writer, push };
}

const open = (head: BlockHead): HubEvent => ({ type: 'open', block: 0, head });
const delta = { type: 'delta', block: 0, text: 'x' } as const satisfies HubEvent;
const finish: HubEvent = { type: 'finish', finish: { reason: 'stop', raw: 'eos', stopSequence: null } };
const usage = {
  type: 'usage',
  usage: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
} as const satisfies HubEvent;
const call = (by: 'client' | 'provider'): BlockHead => ({ type: 'call', callId: 'a', name: 'f', by });

describe('a stream through the neutral form', () => {
  it('gives what the writer makes of each event, in order', () => {
    const { push } = newStream();
    expect(push({ type: 'start', id: null, model: null }).bytes.toString()).to.equal('start\n');
    expect(push(open({ type: 'text' }), delta).bytes.toString()).to.equal('open\ndelta\n');
    expect(push().bytes.length).to.equal(0);
  });

  it('gives the bytes of an event as they came where nothing is to change', () => {
    const { stream } = newStream({ isUnchanged: true });
    for (const text of ['id: 7\ndata: []\n\n', ': comment\n\n', 'data:[ ]\r\n\r\n']) {
      expect(stream.push(eventOf(text)).bytes.toString()).to.equal(text);
    }
  });

  it('says nothing to a client of another dialect for what is no data', () => {
    const { stream } = newStream();
    for (const text of [': waiting\n\n', 'event: ping\n\n', 'data:\n\n']) {
      expect(stream.push(eventOf(text))).to.deep.equal({ kind: 'comment', bytes: Buffer.alloc(0) });
    }
  });

  it('makes a step of an error that stands in a field of its own, beside no data', () => {
    const { stream } = newStream();
    expect(stream.push(eventOf('error: {"message":"overloaded"}\n\n'))).to.include({
      kind: 'error',
      error: overloaded,
    });
  });

  it('leaves out fields without data, which no client can read, where nothing is to change', () => {
    const { stream } = newStream({ isUnchanged: true });
    expect(stream.push(eventOf('event: ping\n\n'))).to.deep.equal({ kind: 'comment', bytes: Buffer.alloc(0) });
  });

  const heads: readonly (readonly [BlockHead, boolean])[] = [
    [{ type: 'text' }, true],
    [{ type: 'refusal' }, true],
    [{ type: 'reasoning', form: 'raw' }, true],
    [{ type: 'media', kind: 'image', mediaType: null, name: null, from: 'data' }, true],
    [call('client'), true],
    [call('provider'), false],
    [{ type: 'foreign', of: 'x', name: 'y', value: null, refusal: null }, false],
  ];
  for (const [head, isContent] of heads) {
    const name = head.type === 'call' ? `call of the ${head.by}` : head.type;
    it(`takes a piece of a ${name} for ${isContent ? 'content' : 'metadata'}`, () => {
      const { push, stream } = newStream();
      const opened = push(open(head)).kind;
      expect(opened).to.equal(head.type === 'call' && isContent ? 'content' : 'metadata');
      expect(stream.facts.hasParts).to.equal(head.type !== 'text');
      expect(push({ ...delta, text: '' }).kind).to.equal('metadata');
      expect(push(delta).kind).to.equal(isContent ? 'content' : 'metadata');
      expect(stream.facts.hasParts).to.equal(true);
    });
  }

  it('takes a step for the greatest that it is: its end, its content, its finish', () => {
    expect(newStream().push(usage, finish).kind).to.equal('finish');
    expect(newStream().push(open({ type: 'text' }), delta, finish).kind).to.equal('content');
    expect(newStream().push(finish, usage, { type: 'end' }).kind).to.equal('terminal');
  });

  it('is whole with its finish, and still takes counts and content that follow', () => {
    const { push, stream } = newStream();
    expect(stream.whole).to.equal(false);
    push(finish);
    expect(stream.whole).to.equal(true);
    push(usage, open({ type: 'text' }), delta);
    expect(stream.facts).to.deep.equal({ hasParts: true, reason: 'eos', usage: usage.usage });
  });

  it('is owed its end where the provider leaves it out after the finish, and nothing before it', () => {
    const { push, stream } = newStream();
    expect(stream.end()).to.deep.equal({ complete: false, bytes: Buffer.alloc(0), otherForm: false });
    push(finish);
    expect(stream.end()).to.deep.equal({ complete: true, bytes: Buffer.from('end\n'), otherForm: false });
  });

  it('passes nothing on after its end, and is owed nothing', () => {
    const { push, stream } = newStream();
    push({ type: 'end' });
    expect(push(open({ type: 'text' }), delta)).to.deep.equal({ kind: 'metadata', bytes: Buffer.alloc(0) });
    expect(stream.end()).to.deep.equal({ complete: true, bytes: Buffer.alloc(0), otherForm: false });
    expect(stream.facts.hasParts).to.equal(false);
  });

  it('is of another form where its reader says so, unless it has ended', () => {
    const { push, reader, stream } = newStream();
    reader.isOtherForm = true;
    expect(stream.end()).to.deep.equal({ complete: false, bytes: Buffer.alloc(0), otherForm: true });
    push({ type: 'end' });
    expect(stream.end()).to.include({ complete: true, otherForm: false });
  });

  it("makes a step of the provider's error, and throws for what cannot be read", () => {
    const { stream } = newStream();
    const step = stream.push(dataOf('error'));
    expect(step).to.deep.equal({ kind: 'error', bytes: Buffer.alloc(0), error: overloaded });
    expect(() => stream.push(dataOf('unreadable'))).to.throw(UnreadableAnswerError);
  });

  it('asks its reader for terminals, and its writer for what waits', () => {
    const { stream, writer } = newStream();
    expect([stream.terminates(dataOf('last')), stream.terminates(dataOf('other'))]).to.deep.equal([true, false]);
    writer.heldBytes = 7;
    expect(stream.heldBytes).to.equal(7);
  });

  it('knows in the end what the whole answer would say, however its events are grouped', () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 40, maxLength: 40 }),
        (answer, sizes) => {
          const { push, stream } = newStream();
          const events = answerEvents(answer);
          for (const size of sizes) if (events.length > 0) push(...events.splice(0, size));
          expect(stream.facts).to.deep.equal(factsOf(answer));
        },
      ),
    );
  });
});
