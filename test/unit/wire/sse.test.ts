import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  commentBytes,
  type SseEvent,
  SseOverflowError,
  SseSplitter,
  sseData,
  wholeEvent,
} from '../../../src/wire/sse.ts';

/** All events of these chunks, including the flushed one. */
function split(...chunks: readonly (string | Buffer)[]): SseEvent[] {
  const splitter = new SseSplitter();
  const events = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  const last = splitter.flush();
  return last === null ? events : [...events, last];
}

/** The fields of each event, without its bytes. */
const fieldsOf = (events: readonly SseEvent[]) =>
  events.filter(({ event, data }) => data !== null || event !== '').map(({ event, data }) => ({ event, data }));

const rawOf = (events: readonly SseEvent[]) => Buffer.concat(events.map(({ raw }) => raw));

function everyCut(bytes: Buffer, check: (chunks: Buffer[]) => void): void {
  for (let cut = 0; cut <= bytes.length; cut += 1) check([bytes.subarray(0, cut), bytes.subarray(cut)]);
  check([...bytes].map((byte) => Buffer.from([byte])));
}

describe('SseSplitter', () => {
  it('returns each event with its original bytes', () => {
    const events = split('data: a\n\nevent: x\ndata: b\n\n');
    expect(events.map(({ raw }) => raw.toString())).to.deep.equal(['data: a\n\n', 'event: x\ndata: b\n\n']);
    expect(fieldsOf(events)).to.deep.equal([
      { event: '', data: 'a' },
      { event: 'x', data: 'b' },
    ]);
  });

  it('joins data lines with LF and strips one leading space only', () => {
    expect(fieldsOf(split('data:  a\ndata:b\ndata\n\n'))).to.deep.equal([{ event: '', data: ' a\nb\n' }]);
  });

  it('returns a comment as an event without data', () => {
    expect(split(': OPENROUTER PROCESSING\n\n').map(({ data }) => data)).to.deep.equal([null]);
  });

  it('ignores unknown fields, and keeps colons inside values', () => {
    expect(fieldsOf(split('id: 1\nretry: 5\nfoo: bar\ndata: {"a":"b:c"}\n\n'))).to.deep.equal([
      { event: '', data: '{"a":"b:c"}' },
    ]);
  });

  for (const [name, end] of [
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`reads lines that end in ${name}, cut at every byte`, () => {
      const bytes = Buffer.from(['event: x', 'data: é1', 'data: 2', '', ': c', '', 'data: 3', '', ''].join(end));
      const expected = [
        { event: 'x', data: 'é1\n2' },
        { event: '', data: '3' },
      ];
      everyCut(bytes, (chunks) => {
        expect(fieldsOf(split(...chunks))).to.deep.equal(expected);
        expect(rawOf(split(...chunks)).equals(bytes)).to.equal(true);
      });
    });
  }

  it('returns an event immediately if its blank line is a CR, without waiting for an LF', () => {
    const splitter = new SseSplitter();
    expect(fieldsOf(splitter.push(Buffer.from('data: a\r\n\r')))).to.deep.equal([{ event: '', data: 'a' }]);
    expect(fieldsOf(splitter.push(Buffer.from('\ndata: b\r\n\r\n')))).to.deep.equal([{ event: '', data: 'b' }]);
  });

  it('does not read a byte order mark as text', () => {
    const events = split('\uFEFFdata: a\n\ndata: b\n\n');
    expect(fieldsOf(events)).to.deep.equal([
      { event: '', data: 'a' },
      { event: '', data: 'b' },
    ]);
    expect(events[0]?.raw.toString()).to.equal('\uFEFFdata: a\n\n');
  });

  it('returns an event without its last line ends when it is flushed', () => {
    expect(fieldsOf(split('data: a'))).to.deep.equal([{ event: '', data: 'a' }]);
    expect(fieldsOf(split('data: a\n'))).to.deep.equal([{ event: '', data: 'a' }]);
  });

  it('keeps stray blank lines in the bytes but makes no event from them', () => {
    const bytes = '\n\n\ndata: a\n\n\n\r\n\ndata: b\n\n\n';
    const events = split(bytes);
    expect(fieldsOf(events).map(({ data }) => data)).to.deep.equal(['a', 'b']);
    expect(rawOf(events).toString()).to.equal(bytes);
  });

  it('has nothing to flush after whole events', () => {
    const splitter = new SseSplitter();
    splitter.push(Buffer.from('data: a\n\n'));
    expect(splitter.flush()).to.equal(null);
  });

  it('refuses an event over the limit, in one chunk or in many', () => {
    const splitter = () => new SseSplitter(100);
    const large = Buffer.from(`data: ${'x'.repeat(200)}\n\n`);
    expect(() => splitter().push(large)).to.throw(SseOverflowError);
    const gathering = splitter();
    expect(() => {
      for (const byte of large) gathering.push(Buffer.from([byte]));
    }).to.throw(SseOverflowError);
    const bounded = splitter();
    for (let count = 0; count < 100; count += 1) bounded.push(sseData('x'.repeat(50)));
    expect(bounded.flush()).to.equal(null);
  });

  it('collects a large event from tiny chunks in linear time', () => {
    const payload = 'x'.repeat(4 * 1024 * 1024);
    const bytes = sseData(payload);
    const splitter = new SseSplitter();
    const events: SseEvent[] = [];
    for (let start = 0; start < bytes.length; start += 16) {
      events.push(...splitter.push(bytes.subarray(start, start + 16)));
    }
    expect(events.map(({ data }) => data?.length)).to.deep.equal([payload.length]);
  });

  it('splits a large chunk of bare CR lines in linear time', () => {
    const splitter = new SseSplitter();
    const events = splitter.push(Buffer.from('data: a\r\r'.repeat(200_000)));
    expect(events.length).to.equal(200_000);
  });

  it('returns the same events for any chunks of any stream, and loses no byte', () => {
    const piece = fc.constantFrom('\n', '\r', '\r\n', 'data: ', 'data:', 'event: e', ':c', 'é😀', 'x', ' ', '\uFEFF');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const events = split(...chunks);
        expect(fieldsOf(events)).to.deep.equal(fieldsOf(split(bytes)));
        expect(rawOf(events).equals(bytes)).to.equal(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('wholeEvent', () => {
  const bytesOf = (text: string) => split(text).map((event) => wholeEvent(event).toString());

  it('leaves whole events unchanged, with any line ends', () => {
    for (const text of ['data: a\n\n', 'data: a\r\n\r\n', 'data: a\r\r', ': c\n\n']) {
      expect(bytesOf(text)).to.deep.equal([text]);
    }
  });

  it('adds the blank line that the end of the stream cut off', () => {
    expect(bytesOf('data: a')).to.deep.equal(['data: a\n\n']);
    expect(fieldsOf(split(bytesOf('data: a\r\n').join(''), 'data: b\n\n')).length).to.equal(2);
  });

  it('removes the byte order mark', () => {
    expect(bytesOf('\uFEFFdata: a\n\n')).to.deep.equal(['data: a\n\n']);
  });
});

describe('commentBytes', () => {
  it('are those of a comment, and none of fields whose data is missing', () => {
    const bytesOf = (text: string) => split(text).map((event) => commentBytes(event).toString());
    expect(bytesOf(': c\n\nid: 1\n\nevent: e\n\n')).to.deep.equal([': c\n\n', 'id: 1\n\n', '']);
  });
});
