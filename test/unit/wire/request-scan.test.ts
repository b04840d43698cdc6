import { expect } from 'chai';
import { describe, it } from 'mocha';
import { chatShape } from '../../../src/dialects/openai-chat/arrive.ts';
import { JsonFault } from '../../../src/wire/json-scan.ts';
import { AmbiguousKeyError, RequestScanner, requestShape } from '../../../src/wire/request-scan.ts';

/** After so many bytes of a body, other connections have their turn. */
const TURN_BYTES = 128 * 1024;

const around = (rest: string) => `{"model":"m","messages":[{"role":"user","content":"a"}]${rest}}`;
const keys = (name: (index: number) => string) => Array.from({ length: 300_000 }, (_, index) => `,"${name(index)}":1`);

const shapes = {
  'nested arrays': around(
    `,"x":${'['.repeat(510)}${']'.repeat(510)}`.repeat(1).concat(`,"y":[${'[[[[]]]],'.repeat(300_000)}1]`),
  ),
  'empty objects': around(`,"x":[${'{},'.repeat(1_000_000)}1]`),
  'distinct keys': around(keys((index) => `key-${index}`).join('')),
  'keys with escapes': around(keys((index) => `\\u006d${index}`).join('')),
  'an escape for each byte': around(`,"x":"${'\\u0041\\n'.repeat(1_000_000)}"`),
  'many numbers': around(`,"x":[${'1,'.repeat(1_500_000)}1]`),
  'many messages': `{"model":"m","messages":[${'{"role":"","content":1},'.repeat(150_000)}{"role":""}]}`,
  'one text of two-byte characters': around(`,"x":"${'\u00e9'.repeat(4_000_000)}"`),
};

/** The longest turn, in ms of processor time. */
function longestTurn(bytes: Buffer): number {
  const turns: number[] = [];
  const scanner = new RequestScanner(chatShape);
  for (let from = 0; from < bytes.length; from += TURN_BYTES) {
    const before = process.threadCpuUsage();
    scanner.push(bytes.subarray(from, from + TURN_BYTES));
    turns.push(process.threadCpuUsage(before).user / 1000);
  }
  scanner.end();
  expect(scanner.records).to.be.above(0);
  return Math.max(...turns);
}

describe('the scan of a hostile body', () => {
  for (const [name, json] of Object.entries(shapes)) {
    it(`takes at most 20 ms of processor time in one turn: ${name}`, () => {
      const bytes = Buffer.from(json);
      // The system counts in ticks and bills other work now and then, so that the best of three tells.
      expect(Math.min(longestTurn(bytes), longestTurn(bytes), longestTurn(bytes))).to.be.below(20);
    });
  }

  it('ends at the first bracket too many', () => {
    expect(() => new RequestScanner(chatShape).push(Buffer.from(around(`,"x":${'['.repeat(31_000_000)}`)))).to.throw(
      JsonFault,
    );
  });
});

const plain = requestShape({ keys: ['model', 'max_output_tokens'], sessionKeys: ['user_id', 'user'], records: null });
const listed = requestShape({
  keys: ['model', 'input', 'inputs'],
  sessionKeys: [],
  records: { under: 'input', field: 'type' },
});

/** The scan at its end, of chunks of that size. Throws `JsonFault`. */
function scanned<Name extends string>(scanner: RequestScanner<Name>, json: string, size = 1000) {
  const bytes = Buffer.from(json);
  for (let from = 0; from < bytes.length; from += size) scanner.push(bytes.subarray(from, from + size));
  scanner.end();
  const textAt = (name: Name) => {
    const range = scanner.value(name);
    return range === null ? null : bytes.toString('utf8', range.start, range.end);
  };
  return { scan: scanner, textAt };
}

describe('the scan of a request of any dialect', () => {
  it('finds the fields of its own shape, and no others', () => {
    const json = '{"model":"m","max_output_tokens": 5 ,"stream":true,"Stream":1}';
    const { textAt } = scanned(new RequestScanner(plain), json);
    expect([textAt('model'), textAt('max_output_tokens'), textAt('user')]).to.deep.equal(['"m"', '5', null]);
    expect(() => scanned(new RequestScanner(plain), '{"MAX_output_tokens":1}')).to.throw(AmbiguousKeyError);
    expect(() => scanned(new RequestScanner(plain), '{"model":1,"mod\\u0065l":1}')).to.throw(AmbiguousKeyError);
  });

  it('takes the last of a session key that is repeated, as JSON.parse does, in whatever chunks', () => {
    const json = '{"user":"a","user_id":7,"us\\u0065r":{"user":"no"},"model":"m"}';
    for (const size of [1, 2, 7, 1000]) {
      const { textAt } = scanned(new RequestScanner(plain), json, size);
      expect([textAt('user'), textAt('user_id'), textAt('model')]).to.deep.equal(['{"user":"no"}', '7', '"m"']);
    }
  });

  it('takes a session key in another case for an unknown name', () => {
    const { textAt } = scanned(new RequestScanner(plain), '{"User":"a","USER_ID":1,"u\u017fer":2,"U\\u0073er":3}');
    expect([textAt('user'), textAt('user_id')]).to.deep.equal([null, null]);
  });

  it('judges the records of its list, and no other list', () => {
    const ofList = (json: string) => scanned(new RequestScanner(listed), json).scan;
    expect(ofList('{"inputs":[1],"input":[{"type":"a"},{"type":"b"}]}')).to.include({ records: 2, recordFault: null });
    expect(ofList('{"input":"text"}')).to.include({ records: 0, recordFault: null });
    const { recordFault } = ofList('{"input":[{"type":"a"},{"type":1,"x":{"type":"b"}},2]}');
    expect(recordFault).to.deep.equal({ path: 'input[1].type', expected: 'string', value: { start: 31, end: 32 } });
    expect(ofList('{"input":[[{"type":"a"}]]}').recordFault).to.include({ path: 'input[0]', expected: 'object' });
  });

  it('asks nothing of any list if its shape has none', () => {
    const { scan } = scanned(new RequestScanner(plain), '{"model":[1,2],"input":[3],"max_output_tokens":[[]]}');
    expect(scan).to.include({ records: 0, recordFault: null });
  });

  it('has no name that is longer than the scan keeps of one in pieces', () => {
    const shape = (name: string) => requestShape({ keys: [name], sessionKeys: [], records: null });
    expect(() => shape('x'.repeat(32))).not.to.throw();
    expect(() => shape('x'.repeat(33))).to.throw('too long');
    const escaped = `{"${'\\u0058'.repeat(32)}":1}`;
    expect(() => scanned(new RequestScanner(shape('x'.repeat(32))), escaped, 1)).to.throw(AmbiguousKeyError);
  });
});
