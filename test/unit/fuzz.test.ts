/** A short run of those targets of `npm run fuzz` that need no process, with the same inputs each time. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bodies } from '../../scripts/fuzz/bodies.ts';
import { events } from '../../scripts/fuzz/events.ts';
import type { FuzzTarget } from '../../scripts/fuzz/fuzz-target.ts';
import { ipc } from '../../scripts/fuzz/ipc.ts';
import { chunksOf, damagedJson } from '../../scripts/fuzz/mutations.ts';
import { answersIn } from '../../scripts/fuzz/raw-client.ts';
import { state } from '../../scripts/fuzz/state.ts';

const SEED = 20_261_126;

const some: readonly (readonly [target: FuzzTarget, inputs: number])[] = [
  [bodies, 600],
  [events, 450],
  [ipc, 40],
  [state, 20],
];

describe('inputs that nobody meant', () => {
  for (const [{ about, open }, inputs] of some) {
    it(`change nothing that must hold: ${about}`, async () => {
      const target = await open(false);
      try {
        await target.round(SEED, inputs);
      } finally {
        await target.close();
      }
    });
  }
});

describe('the damage that inputs get', () => {
  it('cuts bytes into chunks of these sizes, again and again, and loses none', () => {
    const bytes = Buffer.from('abcdefgh');
    expect(chunksOf(bytes, [1, 3]).map(String)).to.deep.equal(['a', 'bcd', 'e', 'fgh']);
    expect(chunksOf(bytes, []).map(String)).to.deep.equal(['abcdefgh']);
  });

  it('replaces or removes a value anywhere in JSON', () => {
    const original = { a: 1, b: [2] };
    const damaged = (at: number, value: unknown) => damagedJson(original, [{ at, value }]);
    expect([0, 1, 2, 3].map((at) => damaged(at, 'x'))).to.deep.equal([
      '"x"',
      '{"a":"x","b":[2]}',
      '{"a":1,"b":"x"}',
      '{"a":1,"b":["x"]}',
    ]);
    expect(damaged(1, undefined)).to.equal('{"b":[2]}');
    expect(damaged(0, undefined)).to.equal('');
  });
});

describe('the reader of raw answers', () => {
  const read = (text: string) =>
    answersIn(Buffer.from(text), 'a test').map(({ status, body, isWhole }) => [status, body.toString(), isWhole]);

  it('finds each answer, however its body is framed', () => {
    const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
    const toHead = 'HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n';
    expect(read(`HTTP/1.1 100 Continue\r\n\r\n${sized}${toHead}${chunked}`)).to.deep.equal([
      [200, 'ok', true],
      [404, '', true],
      [200, 'abc', true],
    ]);
  });

  it('knows half an answer from a whole one, and what is none', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok')).to.deep.equal([[200, 'ok', false]]);
    const [cut] = read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n');
    expect(cut?.[2]).to.equal(false);
    expect(() => read('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 nonsense')).to.throw('no head of an answer');
  });
});
