/** What is particular to Bedrock's answers. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { HubEvent } from '../../../src/dialects/hub.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { assertLegal, collected } from '../../helpers/hub-events.ts';
import { ConverseReader, readAnswer } from './bedrock-converse.ts';
import { eventsOf } from './recorded-wires.ts';

function read(...payloads: readonly object[]): HubEvent[] {
  const reader = new ConverseReader();
  const lines = payloads.map((payload) => JSON.stringify(payload));
  const events = eventsOf(lines).flatMap((event) => reader.push(event));
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
      [{ type: 'reasoning', form: 'hidden' }, [{ type: 'signature', of: 'bedrock-converse', data: 'proof' }]],
    ]);
  });

  it('keeps each piece of a block that is not known', () => {
    const events = read(piece(0, { somethingNew: 1 }), piece(0, { somethingNew: 2 }), stopOf(0));
    const values = collected(events).blocks.map(({ head }) => (head.type === 'foreign' ? head.value : null));
    expect(values).to.deep.equal([{ somethingNew: 1 }, { somethingNew: 2 }]);
  });

  it('throws the exceptions that come as events', () => {
    const statuses = { throttlingException: 429, internalServerException: 500, modelStreamErrorException: 424 };
    for (const [type, status] of Object.entries(statuses)) {
      try {
        read(piece(0, { text: 'a' }), { [type]: { message: 'Sorry.' } });
        expect.fail('nothing was thrown');
      } catch (thrown) {
        const error = thrown instanceof UnreadableAnswerError ? thrown.error : null;
        expect(error).to.include({ status, message: 'Sorry.', code: type });
      }
    }
  });

  it('tells another dialect, and what is no object, from its own', () => {
    const reader = new ConverseReader();
    for (const event of eventsOf(['{"type":"message_start"}'])) expect(reader.push(event)).to.deep.equal([]);
    expect(reader.isOtherForm).to.equal(true);
    expect(() => eventsOf(['[]']).map((event) => reader.push(event))).to.throw(UnreadableAnswerError);
    expect(() => readAnswer({ choices: [] })).to.throw(UnreadableAnswerError);
  });
});
