import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { EventDecoder, type StreamEvent } from '../../../../src/cli/wall/event-decoder.ts';

function decode(bytes: Buffer, cuts: readonly number[]): StreamEvent[] {
  const decoder = new EventDecoder();
  const places = [0, ...[...cuts].sort((one, other) => one - other), bytes.length];
  const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

const events: readonly StreamEvent[] = [
  { name: 'greeting', data: '{"text":"🙂 ä"}' },
  { name: null, data: 'two\nlines' },
  { name: null, data: '' },
  { name: 'end', data: '[DONE]' },
];

describe('the decoder of the wall', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    it(`finds the events wherever the bytes are cut, with lines that end in ${JSON.stringify(end)}`, () => {
      const lines = [
        ': a comment',
        '',
        'event: greeting',
        'data: {"text":"🙂 ä"}',
        '',
        'data:two',
        'data: lines',
        '',
        'data',
        '',
        '',
        'event: end',
        'id: 7',
        'data: [DONE]',
      ];
      const bytes = Buffer.from(lines.join(end));
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
          expect(decode(bytes, cuts)).to.deep.equal(events);
        }),
      );
    });
  }

  it('finds nothing in nothing', () => {
    expect(decode(Buffer.from(''), [])).to.deep.equal([]);
    expect(decode(Buffer.from(': only\n\n: comments'), [])).to.deep.equal([]);
  });
});
