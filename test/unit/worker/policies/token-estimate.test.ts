import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Usage } from '../../../../src/dialects/hub.ts';
import type { Said } from '../../../../src/dialects/said.ts';
import {
  estimated,
  learned,
  type SeenAttempt,
  type TokenPace,
  unknownPace,
} from '../../../../src/worker/policies/token-estimate.ts';

const usageOf = (input: number, output: number, more: Partial<Usage> = {}): Usage => ({
  ...{ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  ...more,
});

const saidOf = (text: number, more: Partial<Said> = {}): Said => ({
  ...{ model: null, text, reasoning: 0, uncounted: text + (more.reasoning ?? 0) },
  ...more,
});

const whole = (usage: Usage | null, said: Said | null, requestBytes = 0): SeenAttempt => ({
  ...{ usage, said, requestBytes, end: 'whole' },
});

const cut = (usage: Usage | null, said: Said | null, requestBytes = 0): SeenAttempt => ({
  ...{ usage, said, requestBytes, end: 'broken' },
});

/** The pace after so many answers like this one. */
function after(times: number, seen: SeenAttempt): TokenPace {
  let pace = unknownPace;
  for (let count = 0; count < times; count += 1) pace = learned(pace, seen);
  return pace;
}

describe('an estimate of tokens', () => {
  it('takes four bytes for a token while nothing is known', () => {
    expect(estimated(unknownPace, cut(null, saidOf(400), 800))).to.deep.equal({ input: 200, output: 100 });
  });

  it('takes as many as a token has had in the answers before', () => {
    const pace = after(60, whole(usageOf(500, 200), saidOf(500), 3_000));
    const { input, output } = estimated(pace, cut(null, saidOf(1_000), 6_000));
    expect(input).to.be.closeTo(1_000, 30);
    expect(output).to.be.closeTo(400, 20);
  });

  it('is of what came after the last count, and leaves what was counted as it is', () => {
    const counted = usageOf(30, 50);
    expect(estimated(unknownPace, cut(counted, saidOf(400, { uncounted: 80 })))).to.deep.equal({
      input: 0,
      output: 20,
    });
    expect(estimated(unknownPace, cut(counted, saidOf(400, { uncounted: 0 })))).to.deep.equal({ input: 0, output: 0 });
  });

  it('takes a count that came before any text for the beginning of it', () => {
    expect(estimated(unknownPace, cut(usageOf(30, 10), saidOf(400)))).to.deep.equal({ input: 0, output: 90 });
    expect(estimated(unknownPace, cut(usageOf(30, 10), saidOf(4)))).to.deep.equal({ input: 0, output: 0 });
  });

  it('is nothing of an answer that was counted to its end', () => {
    const seen = whole(usageOf(30, 5), saidOf(4_000, { uncounted: 40 }), 900);
    expect(estimated(unknownPace, seen)).to.deep.equal({ input: 0, output: 0 });
  });

  it('is all of an answer whose provider counts nothing, or counts nothing but zeros', () => {
    expect(estimated(unknownPace, whole(null, saidOf(40), 80))).to.deep.equal({ input: 20, output: 10 });
    expect(estimated(unknownPace, whole(usageOf(0, 0), saidOf(40), 80))).to.deep.equal({ input: 20, output: 10 });
  });

  it('is the input alone where the client left before any text, if the provider had the request', () => {
    const seen = { usage: null, said: null, requestBytes: 80 };
    expect(estimated(unknownPace, { ...seen, end: 'left' })).to.deep.equal({ input: 20, output: 0 });
    expect(estimated(unknownPace, { ...seen, end: 'unsent' })).to.deep.equal({ input: 0, output: 0 });
    expect(estimated(unknownPace, { ...seen, end: 'broken' })).to.deep.equal({ input: 0, output: 0 });
  });

  it('is of thoughts too', () => {
    expect(estimated(unknownPace, cut(null, saidOf(40, { reasoning: 60 }))).output).to.equal(25);
  });
});

describe('what is learned of the bytes of a token', () => {
  it('leaves thoughts out that were counted apart, since they may not be shown', () => {
    const pace = after(60, whole(usageOf(100, 1_000, { reasoning: 900 }), saidOf(300, { reasoning: 50 })));
    expect(estimated(pace, cut(null, saidOf(300))).output).to.be.closeTo(100, 5);
  });

  it('is nothing from answers that are too short, of other bytes than were counted, or not looked at', () => {
    const taught = [
      whole(usageOf(7, 7), saidOf(7), 7),
      whole(usageOf(1_000, 1_000), saidOf(100), 100_000),
      whole(usageOf(0, 100), saidOf(300, { isRough: true }), 100),
      whole(null, saidOf(300), 100),
      cut(usageOf(100, 100), saidOf(300), 300),
    ];
    for (const seen of taught) expect(learned(unknownPace, seen)).to.equal(unknownPace);
  });

  it('stays within its bounds and close to what was shown, whatever answers there were', () => {
    const any = fc.oneof(fc.nat({ max: 1_000_000 }), fc.double(), fc.constant(Number.MAX_SAFE_INTEGER));
    const seen = fc.record({ input: any, output: any, reasoning: any, text: any, thought: any, bytes: any });
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 50 }), (all) => {
        let pace = unknownPace;
        for (const { input, output, reasoning, text, thought, bytes } of all) {
          const said = saidOf(text, { reasoning: thought });
          pace = learned(pace, whole(usageOf(input, output, { reasoning }), said, bytes));
        }
        for (const { bytes, tokens } of [pace.input, pace.output]) {
          expect(bytes / tokens).to.be.within(0.75, 16);
        }
      }),
    );
  });

  it('comes close to any pace that a target keeps, after twenty answers of any length', () => {
    const lengths = fc.array(fc.integer({ min: 64, max: 2_000 }), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(fc.double({ min: 1, max: 12, noNaN: true }), lengths, (bytesEach, tokens) => {
        let pace = unknownPace;
        for (const each of tokens)
          pace = learned(pace, whole(usageOf(each, each), saidOf(each * bytesEach), each * bytesEach));
        const guess = estimated(pace, cut(null, saidOf(10_000), 10_000));
        for (const count of [guess.input, guess.output]) {
          expect(count).to.be.closeTo(10_000 / bytesEach, (10_000 / bytesEach) * 0.1);
        }
      }),
    );
  });
});
