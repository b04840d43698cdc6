import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readAnswer } from '../../../../src/dialects/bedrock-converse/read-answer.ts';
import { ConverseReader } from '../../../../src/dialects/bedrock-converse/read-stream.ts';
import type { HubEvent } from '../../../../src/dialects/hub.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { eventFrame, exceptionFrame, frame } from '../../../../src/mock/dialects/aws-frames.ts';
import { splitterFor } from '../../../../src/wire/framing.ts';
import { assertLegal, collected } from '../../../helpers/hub-events.ts';
import { dataOf } from '../events.ts';

const eventsIn = (...frames: readonly Buffer[]) => splitterFor('aws-event-stream').push(Buffer.concat(frames));

function read(...payloads: readonly object[]): HubEvent[] {
  const reader = new ConverseReader();
  const frames = payloads.flatMap((payload) => Object.entries(payload).map(([type, value]) => eventFrame(type, value)));
  const events = eventsIn(...frames).flatMap((event) => reader.push(event));
  assertLegal(events);
  return events;
}

function start(contentBlockIndex: number, toolUse: object): object {
  return { contentBlockStart: { contentBlockIndex, start: { toolUse } } };
}

function piece(contentBlockIndex: number, delta: object): object {
  return { contentBlockDelta: { contentBlockIndex, delta } };
}

function stopOf(contentBlockIndex: number): object {
  return { contentBlockStop: { contentBlockIndex } };
}

const messageStop = { messageStop: { stopReason: 'end_turn' } };
const metadata = { metadata: { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } } };

describe('a stream of converse', () => {
  it('ends with the second of messageStop and metadata, whichever that is', () => {
    for (const payloads of [
      [messageStop, metadata],
      [metadata, messageStop],
    ]) {
      const types = read(...payloads).map(({ type }) => type);
      expect(types.at(-1)).to.equal('end');
      expect(types.filter((type) => type === 'finish' || type === 'usage')).to.have.length(2);
    }
    expect(read(messageStop).at(-1)?.type).to.equal('finish');
    expect(read(metadata).at(-1)?.type).to.equal('usage');
  });

  it('counts what is kept for an hour, and the tier that served', () => {
    const usage = {
      ...{ inputTokens: 3, outputTokens: 4, totalTokens: 20, cacheReadInputTokens: 5, cacheWriteInputTokens: 8 },
      cacheDetails: [
        { ttl: '5m', inputTokens: 6 },
        { ttl: '1h', inputTokens: 2 },
      ],
    };
    const serviceTier = { type: 'flex' };
    const counted = { input: 16, output: 4, cacheRead: 5, cacheWrite: 8, reasoning: 0, cacheWrite1h: 2, tier: 'flex' };
    expect(collected(read(messageStop, { metadata: { usage, serviceTier } })).usage).to.deep.equal(counted);
    const whole = { output: { message: { content: [] } }, stopReason: 'end_turn', usage, serviceTier };
    expect(readAnswer(whole).usage).to.deep.equal(counted);
  });

  it('begins with its first event, whatever that is', () => {
    expect(read(piece(0, { text: 'a' }))[0]).to.deep.equal({ type: 'start', id: null, model: null });
  });

  it('takes a text or a thought without a start, but no input of a tool that nobody named', () => {
    const events = read(
      piece(0, { reasoningContent: { text: 'hm' } }),
      piece(1, { text: 'a' }),
      piece(2, { toolUse: { input: '{}' } }),
    );
    expect(collected(events).blocks.map(({ head }) => head.type)).to.deep.equal(['reasoning', 'text']);
  });

  it('keeps calls apart whose pieces interleave, and gives one without input an empty object', () => {
    const events = read(
      start(0, { toolUseId: 'a', name: 'f' }),
      start(1, { toolUseId: 'b', name: 'g' }),
      piece(1, { toolUse: { input: '{"n":9007199254' } }),
      piece(0, { toolUse: { input: '' } }),
      piece(1, { toolUse: { input: '740993}' } }),
      stopOf(0),
      stopOf(1),
    );
    expect(collected(events).blocks.map(({ text }) => text)).to.deep.equal(['{}', '{"n":9007199254740993}']);
  });

  it('keeps input that was cut off as it is', () => {
    const events = read(start(0, { toolUseId: 'a', name: 'f' }), piece(0, { toolUse: { input: '{"text":"half' } }), {
      messageStop: { stopReason: 'max_tokens' },
    });
    expect(collected(events).blocks[0]?.text).to.equal('{"text":"half');
    expect(events.at(-2)?.type).to.equal('close');
  });

  it('hides a thought of which only a proof is there', () => {
    const { blocks } = collected(
      read(piece(0, { reasoningContent: { text: '' } }), piece(0, { reasoningContent: { signature: 'proof' } })),
    );
    expect(blocks.map(({ head, attached }) => [head, attached])).to.deep.equal([
      [{ type: 'reasoning', form: 'hidden' }, [{ type: 'signature', of: 'anthropic-messages', data: 'proof' }]],
    ]);
  });

  it('keeps each piece of a block that is not known', () => {
    const events = read(piece(0, { somethingNew: 1 }), piece(0, { somethingNew: 2 }), stopOf(0));
    const values = collected(events).blocks.map(({ head }) => (head.type === 'foreign' ? head.value : null));
    expect(values).to.deep.equal([{ somethingNew: 1 }, { somethingNew: 2 }]);
  });

  it('throws the exceptions that come in its frames, and errors of the service itself', () => {
    const failed = (last: Buffer) => {
      const reader = new ConverseReader();
      try {
        for (const event of eventsIn(eventFrame('messageStart', { role: 'assistant' }), last)) reader.push(event);
      } catch (thrown) {
        return thrown instanceof UnreadableAnswerError ? thrown.error : null;
      }
      return null;
    };
    const statuses = {
      throttlingException: 429,
      internalServerException: 500,
      serviceUnavailableException: 503,
      validationException: 400,
      modelStreamErrorException: 424,
    };
    for (const [type, status] of Object.entries(statuses)) {
      const name = type.charAt(0).toUpperCase() + type.slice(1);
      expect(failed(exceptionFrame(type, { message: 'Sorry.' }))).to.include({ status, message: 'Sorry.', type: name });
      // Some servers that are compatible send it as a mere event.
      expect(failed(eventFrame(type, { message: 'Sorry.' }))).to.include({ status, type: name });
    }
    const original = { originalStatusCode: 503, originalMessage: 'Gone.' };
    expect(failed(exceptionFrame('modelStreamErrorException', original))).to.include({ status: 503, message: 'Gone.' });
    const error = frame({ ':message-type': 'error', ':error-code': 'Odd', ':error-message': 'Odd.' }, '');
    expect(failed(error)).to.include({ status: null, message: 'Odd.', type: 'Odd' });
  });

  it('says nothing for frames that it does not know', () => {
    const reader = new ConverseReader();
    const frames = [frame({ ':message-type': 'new' }, '{}'), eventFrame('somethingNew', {})];
    for (const event of eventsIn(...frames)) expect(reader.push(event)).to.deep.equal([]);
    expect(reader.isOtherForm).to.equal(false);
  });

  it('tells another dialect, and what is no object, from its own', () => {
    const reader = new ConverseReader();
    expect(reader.push(dataOf({ type: 'message_start' }))).to.deep.equal([]);
    expect(reader.isOtherForm).to.equal(true);
    expect(() => eventsIn(eventFrame('metadata', [])).map((event) => reader.push(event))).to.throw(
      UnreadableAnswerError,
    );
    expect(() => readAnswer({ choices: [] })).to.throw(UnreadableAnswerError);
  });
});
