/** The first vectors are facts of smithy-typescript's `TestVectors.fixture.ts`, in hexadecimal. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { eventFrame, exceptionFrame, frame, sealed, withBadSum } from '../../../src/mock/dialects/aws-frames.ts';
import { textHeaders } from '../../../src/wire/aws-event-headers.ts';
import { AwsEventStreamSplitter, BrokenFrameError } from '../../../src/wire/aws-event-stream.ts';
import { splitterFor } from '../../../src/wire/framing.ts';
import type { SseEvent } from '../../../src/wire/sse.ts';

const sound = {
  'headers of all types':
    '000000cc000000af0fae64ca0a6576656e742d74797065040000a00c0c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0a626f6f6c2066616c73650109626f6f6c207472756500046279746502cf08627974652062756606001449276d2061206c6974746c6520746561706f74210974696d657374616d70080000000000845fed05696e74313603002a05696e7436340500000000028757b20475756964090102030405060708090a0b0c0d0e0f107b27666f6f273a27626172277daba5f10c',
  'nothing at all': '000000100000000005c248eb7d98c8ff',
  'a number in a header': '0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f480a0',
  'no headers': '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936',
  'a text in a header':
    '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
};

const broken = {
  'another payload': '0000001d00000000fd528c5a5b27666f6f273a27626172277dc3653936',
  'another length':
    '0000003e0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
  'another length of its headers':
    '0000003d0000002107fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
  'other bytes behind its headers':
    '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b61666f6f273a27626172277d8d9c08b1',
};

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

const plain = ({ event, data, isError = false }: SseEvent) => ({ event, data, isError });

/** What a splitter makes of the chunks, and how it ended. */
function split(chunks: readonly Buffer[]) {
  const splitter = new AwsEventStreamSplitter();
  const events: SseEvent[] = [];
  try {
    for (const chunk of chunks) events.push(...splitter.push(chunk));
    return { events, left: splitter.pendingBytes, isBroken: false };
  } catch (thrown) {
    if (!(thrown instanceof BrokenFrameError)) throw thrown;
    return { events: [...events, ...thrown.events], left: 0, isBroken: true };
  }
}

describe('the splitter for frames of Amazon', () => {
  for (const [name, hex] of Object.entries(sound)) {
    it(`takes a frame with ${name}`, () => {
      const bytes = bytesOf(hex);
      const { events, left, isBroken } = split([bytes]);
      expect({ left, isBroken }).to.deep.equal({ left: 0, isBroken: false });
      // None of them names what it is.
      expect(events).to.deep.equal([{ raw: bytes, event: '', data: null }]);
    });
  }

  for (const [name, hex] of Object.entries(broken)) {
    it(`refuses a frame with ${name} than its sums are of`, () => {
      expect(split([bytesOf(hex)])).to.deep.equal({ events: [], left: 0, isBroken: true });
    });
  }

  it('gives an event under the name of its type, with its payload', () => {
    const bytes = eventFrame('messageStop', { stopReason: 'end_turn' });
    expect(split([bytes]).events).to.deep.equal([
      { raw: bytes, event: 'messageStop', data: '{"stopReason":"end_turn"}' },
    ]);
  });

  it('says of an exception and of an error that they are the sender’s error', () => {
    const exception = exceptionFrame('throttlingException', { message: 'Slow down.' });
    const error = frame({ ':message-type': 'error', ':error-code': 'Gone', ':error-message': 'It "went".' }, '');
    expect(split([exception, error]).events.map(plain)).to.deep.equal([
      { event: 'throttlingException', data: '{"message":"Slow down."}', isError: true },
      { event: 'Gone', data: '{"message":"It \\"went\\"."}', isError: true },
    ]);
  });

  it('finds a name behind headers of every other type', () => {
    const headers = sealed(
      Buffer.concat([bytesOf(sound['headers of all types']).subarray(12, 12 + 0xaf), frameHeaders('pong')]),
      Buffer.from('{}'),
    );
    expect(split([headers]).events.map(plain)).to.deep.equal([{ event: 'pong', data: '{}', isError: false }]);
  });

  it('gives what was whole before bytes that are no frame, and nothing behind them', () => {
    const good = eventFrame('ping', {});
    const bytes = Buffer.concat([good, withBadSum(good), good]);
    expect(split([bytes])).to.deep.equal({
      events: [{ raw: good, event: 'ping', data: '{}' }],
      left: 0,
      isBroken: true,
    });
  });

  it('refuses a length that it would not keep, and headers that are none, though their sums are right', () => {
    const large = eventFrame('a', { text: 'x'.repeat(100) });
    expect(() => new AwsEventStreamSplitter(50).push(large.subarray(0, 12))).to.throw(BrokenFrameError, 'larger');
    for (const headers of [[1], [1, 97, 10], [1, 97, 7, 0, 9, 97], [1, 97, 7]]) {
      expect(split([sealed(Buffer.from(headers), Buffer.from('{}'))]).isBroken).to.equal(true);
    }
    const longer = Buffer.from(sealed(Buffer.alloc(0), Buffer.alloc(0)));
    longer.writeUInt32BE(5, 4);
    expect(split([longer]).isBroken).to.equal(true);
  });

  it('has no event of what the end has cut off', () => {
    const splitter = splitterFor('aws-event-stream');
    const bytes = eventFrame('ping', {});
    expect(splitter.push(bytes.subarray(0, -1))).to.deep.equal([]);
    expect([splitter.pendingBytes, splitter.unended()]).to.deep.equal([bytes.length - 1, null]);
    expect([splitter.flush(), splitter.pendingBytes]).to.deep.equal([null, 0]);
  });

  it('makes the same events of the same bytes, wherever they are cut', () => {
    const frames = fc.oneof(
      fc
        .tuple(fc.string({ minLength: 1, unit: 'binary', maxLength: 20 }), fc.string({ unit: 'binary' }))
        .map(([type, text]) => eventFrame(type, { text })),
      fc.string().map((message) => exceptionFrame('internalServerException', { message })),
      fc.constant(frame({}, 'nothing')),
      fc.constant(withBadSum(eventFrame('ping', {}))),
    );
    const parts = fc.tuple(fc.array(frames, { maxLength: 6 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(parts, fc.array(fc.nat(400), { maxLength: 12 }), ([whole, rest], cuts) => {
        const bytes = Buffer.concat([...whole, rest]);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const cut = split(chunks);
        expect(cut).to.deep.equal(split([bytes]));
        expect(cut).to.deep.equal(split([...bytes].map((byte) => Buffer.from([byte]))));
      }),
    );
  });

  it('keeps nothing of a frame that has been given', () => {
    const splitter = new AwsEventStreamSplitter();
    const bytes = eventFrame('ping', {});
    const first = splitter.push(bytes.subarray(0, 20)).length;
    const second = splitter.push(Buffer.concat([bytes.subarray(20), bytes.subarray(0, 5)])).length;
    expect([first, second, splitter.pendingBytes]).to.deep.equal([0, 1, 5]);
  });
});

describe('the headers of a frame', () => {
  it('are read where they are texts', () => {
    const headers = textHeaders(bytesOf(sound['headers of all types']).subarray(12, 12 + 0xaf));
    expect([...headers]).to.deep.equal([['content-type', 'application/json']]);
  });
});

function frameHeaders(type: string): Buffer {
  const whole = frame({ ':event-type': type, ':message-type': 'event' }, '');
  return whole.subarray(12, -4);
}
