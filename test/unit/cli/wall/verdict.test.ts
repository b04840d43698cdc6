import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Sighting } from '../../../../src/cli/wall/sighting.ts';
import { type Facts, judge } from '../../../../src/cli/wall/verdict.ts';

const first = 'You said: "x". This is the fake openai provider.';
const spare = 'You said: "x". This is the fake anthropic provider.';
const half = 'You said: "x". Th';
const facts: Facts = { first, spare, mayBeEmpty: false, asked: { first: 1, spare: 0 }, mostAttempts: 2 };
const twice = { ...facts, asked: { first: 2, spare: 1 } };

const answer = (text: string, finish: string | null = 'stop'): Sighting => ({ kind: 'answer', text, finish });

const cases: readonly [name: string, Sighting, Facts, verdict: string, detail: string][] = [
  ['the whole answer of the first target', answer(first), facts, 'answered', ''],
  ['that of the second', answer(spare), twice, 'failed over', ''],
  ['that of the second where both mean the same', answer(first), { ...twice, spare: first }, 'failed over', ''],
  ['an error', { kind: 'refused', status: 502, code: 'provider_error' }, twice, 'refused', '502 provider_error'],
  ['an error without a name', { kind: 'refused', status: 502, code: null }, facts, 'refused', '502 without a code'],
  ['an error event', { kind: 'broken', code: 'cut', text: half }, facts, 'broken', 'cut'],
  ['a cut that the finish tells', answer(half, 'length'), facts, 'broken', 'length'],
  ['no connection', { kind: 'unreachable', code: 'ECONNRESET' }, facts, 'unreachable', 'ECONNRESET'],
  ['an empty answer that was meant so', answer(''), { ...facts, mayBeEmpty: true }, 'empty', ''],
  ['an empty answer that was not', answer(''), facts, 'SILENT TRUNCATION', 'empty'],
  ['a part that looks whole', answer(half), facts, 'SILENT TRUNCATION', `${half.length} characters`],
  ['a part without a finish', answer(half, null), facts, 'SILENT TRUNCATION', `${half.length} characters`],
  ['the whole without a finish', answer(first, null), facts, 'SILENT TRUNCATION', 'whole, but no finish'],
  ['another answer', answer('Hello'), facts, 'WRONG ANSWER', '"Hello"'],
  ['another answer before an error', { kind: 'broken', code: 'cut', text: 'He' }, facts, 'WRONG ANSWER', '"He"'],
  ['no answer at all', { kind: 'malformed', what: 'no choices' }, facts, 'WRONG ANSWER', 'no choices'],
  ['a beginning that comes again', answer(half + spare), twice, 'DOUBLE', JSON.stringify(half + spare)],
  ['silence', { kind: 'hang', text: '' }, facts, 'HANG', 'without content'],
  ['silence within an answer', { kind: 'hang', text: half }, facts, 'HANG', 'after content'],
  [
    'an attempt after content',
    { kind: 'broken', code: 'cut', text: half },
    twice,
    'DOUBLE',
    'asked 2 and 1 times after content',
  ],
  ['too many attempts', answer(spare), { ...facts, asked: { first: 3, spare: 1 } }, 'DOUBLE', 'asked 3 and 1 times'],
];

describe('the verdict on a cell', () => {
  for (const [name, sighting, known, verdict, detail] of cases) {
    it(`${verdict}: ${name}`, () => {
      expect(judge(sighting, known)).to.deep.equal({ verdict, detail });
    });
  }
});
