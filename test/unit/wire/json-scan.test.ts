import { expect } from 'chai';
import fc from 'fast-check';
import { hasLoneSurrogate } from '../../../scripts/fuzz/lone-surrogates.ts';
import { JsonFault, type JsonFaultKind, JsonScan, type ScanObserver } from '../../../src/wire/json-scan.ts';

const nobody: ScanObserver = { key: () => undefined, valueStart: () => undefined, valueEnd: () => undefined };

/** The kind of the fault; null if the text is accepted. `size`: bytes of a chunk. */
function faultOf(bytes: Buffer, size = bytes.length): JsonFaultKind | null {
  const scan = new JsonScan(nobody);
  try {
    for (let from = 0; from < bytes.length; from += size) scan.push(bytes.subarray(from, from + size));
    scan.end();
    return null;
  } catch (error) {
    if (error instanceof JsonFault) return error.kind;
    throw error;
  }
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What may be said of a text; of one with two faults, either. */
function expected(text: string): readonly (string | null)[] {
  if (isParsed(text)) return hasLoneSurrogate(text) ? ['surrogate'] : [null];
  return ['syntax', 'surrogate'];
}

/** What is nearly JSON: pieces of it in any order. */
const pieces = fc
  .array(
    fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u12', 'aF', '0', '-', '1.5', '.', 'e', 'E+', 'true', 'nul', 'l'],
      ...[
        '{"a":',
        '"b"',
        ' ',
        '\n',
        '\u0001',
        'é',
        '\\"',
        '\\ud83d',
        '\\udc00',
        '😀',
        '[1,',
        '{}',
        '00',
        '-0',
        '1e5',
        'false',
      ],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('scanning JSON', () => {
  it('refuses half a surrogate pair, which UTF-8 cannot say, in texts and names', () => {
    for (const half of [
      '\\ud800',
      '\\udc00x',
      '\\ude00\\ud83d',
      '\\ud83d\\n',
      '\\ud83d\\ud83d\\ude00',
      '\\uD83Dé',
      '\\ud83d\\\\ude00',
    ]) {
      expect(faultOf(Buffer.from(`["${half}"]`), 1), half).to.equal('surrogate');
      expect(faultOf(Buffer.from(`{"${half}":1}`), 3), half).to.equal('surrogate');
    }
    expect(faultOf(Buffer.from('["\\ud83d\\uDE00", "\\\\ud83d", "\\ud7ff\\ue000"]'), 1)).to.equal(null);
  });

  it('accepts what JSON.parse accepts, in chunks of any size', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.oneof(pieces, fc.json({ maxDepth: 4 })), size, (text, length) => {
        expect(faultOf(Buffer.from(text), length), text).to.be.oneOf(expected(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('accepts a valid text of which one byte is another, exactly if JSON.parse does', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 127 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary-ascii' }), change, (text, [place, byte, size]) => {
        const bytes = Buffer.from(text);
        bytes[place % bytes.length] = byte;
        expect(faultOf(bytes, size)).to.be.oneOf(expected(bytes.toString('latin1')));
      }),
      { numRuns: 5_000 },
    );
  });

  it('finds a wrong byte at any place of a long string', () => {
    // Up to 512 bytes are read one by one, further ones four at a time.
    for (const length of [60, 527, 528, 529, 530, 600]) {
      for (let place = Math.max(0, length - 90); place < length; place += 1) {
        for (const wrong of ['\n', '\u0000', '\u001f', '\\x', '\\u00g0', '"x']) {
          const text = `["${'~'.repeat(place)}${wrong}${'~'.repeat(length - place)}"]`;
          expect(faultOf(Buffer.from(text))).to.equal('syntax');
        }
        const fine = `["${'\u007fÿ'.repeat(place)}\\n${' '.repeat(length - place)}\\\\"]`;
        expect(faultOf(Buffer.from(fine))).to.equal(null);
      }
    }
  });

  it('refuses what is not UTF-8, and takes characters that a chunk cuts off', () => {
    const text = Buffer.from(JSON.stringify({ é: '€😀'.repeat(30) }));
    for (let size = 1; size < 20; size += 1) expect(faultOf(text, size)).to.equal(null);
    for (const bytes of [[0xff], [0xc3], [0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xc0, 0xaf]]) {
      const wrong = Buffer.concat([Buffer.from('["ab'), Buffer.from(bytes), Buffer.from('c"]')]);
      for (const size of [1, 2, 3, 100]) expect(faultOf(wrong, size)).to.equal('utf8');
    }
    expect(faultOf(Buffer.from([0x22, 0xc3]))).to.not.equal(null);
  });

  it('allows 512 levels and no more', () => {
    expect(faultOf(Buffer.from('['.repeat(512) + ']'.repeat(512)))).to.equal(null);
    expect(faultOf(Buffer.from('{"a":'.repeat(513)))).to.equal('depth');
    expect(faultOf(Buffer.from('['.repeat(10_000_000)))).to.equal('depth');
  });

  it('allows 4 MB outside of strings and any number inside', () => {
    expect(faultOf(Buffer.from(`["${'\\n\\u0041'.repeat(2_000_000)}"]`))).to.equal(null);
    expect(faultOf(Buffer.from(`{"${'k'.repeat(5_000_000)}":1}`))).to.equal(null);
    expect(faultOf(Buffer.from(`[${'{},'.repeat(1_400_000)}1]`))).to.equal('shape');
    expect(faultOf(Buffer.from(`[1${' '.repeat(4_200_000)}]`))).to.equal('shape');
  });

  it('reports each outer name and value with its place, however the bytes come', () => {
    const object = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
    fc.assert(
      fc.property(object, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 1, '\t'), (value, size, space) => {
        const bytes = Buffer.from(JSON.stringify(value, null, space));
        const seen: Record<string, unknown> = Object.create(null);
        let [name, start] = ['', 0];
        const scan = new JsonScan({
          key: (depth, from, start, end) => {
            if (depth === 1) name = JSON.parse(`"${from.toString('utf8', start, end)}"`);
          },
          valueStart: (depth, offset) => {
            if (depth === 1) start = offset;
          },
          valueEnd: (depth, offset) => {
            if (depth === 1) seen[name] = JSON.parse(bytes.toString('utf8', start, offset));
          },
        });
        for (let from = 0; from < bytes.length; from += size) scan.push(bytes.subarray(from, from + size));
        scan.end();
        expect(JSON.stringify(seen)).to.equal(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
