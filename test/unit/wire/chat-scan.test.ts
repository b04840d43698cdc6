import { expect } from 'chai';
import { ChatScanner } from '../../../src/wire/chat-scan.ts';
import { JsonFault } from '../../../src/wire/json-scan.ts';

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
  const scanner = new ChatScanner();
  for (let from = 0; from < bytes.length; from += TURN_BYTES) {
    const before = process.threadCpuUsage();
    scanner.push(bytes.subarray(from, from + TURN_BYTES));
    turns.push(process.threadCpuUsage(before).user / 1000);
  }
  scanner.end();
  expect(scanner.messages).to.be.above(0);
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
    expect(() => new ChatScanner().push(Buffer.from(around(`,"x":${'['.repeat(31_000_000)}`)))).to.throw(JsonFault);
  });
});
