import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  FORBIDDEN_LEAST_MS,
  FORBIDDEN_REQUESTS,
  FORBIDDEN_WINDOW_MS,
  type ForbiddenStreak,
  meansKey,
  noStreak,
  withAccepted,
  withForbidden,
} from '../../../../src/primary/circuits/forbidden-streak.ts';

/** 403s of these bodies, so many ms apart; the request of each was sent when the one before was answered. */
function streakOf(bodies: readonly number[], apartMs: number): { streak: ForbiddenStreak; nowMs: number } {
  let streak = noStreak(0);
  let nowMs = 0;
  for (const body of bodies) {
    streak = withForbidden(streak, body, nowMs, nowMs + apartMs);
    nowMs += apartMs;
  }
  return { streak, nowMs };
}

function means(bodies: readonly number[], apartMs: number): boolean {
  const { streak, nowMs } = streakOf(bodies, apartMs);
  return meansKey(streak, nowMs);
}

describe('403 answers that do not say what they are about', () => {
  it('mean the key after five different requests in a row, and never by requests that are repeated', () => {
    expect(means([1, 2, 3, 4], 2_000)).to.equal(false);
    expect(means([1, 2, 3, 4, 5], 2_000)).to.equal(true);
    expect(means([1, 1, 1, 2, 1, 2, 1, 2, 1], 2_000)).to.equal(false);
    expect(means([1, 2, 1, 3, 1, 4, 1, 5], 2_000)).to.equal(true);
  });

  it('mean nothing until they have lasted so long that an answer under way could end them', () => {
    expect(means([1, 2, 3, 4, 5, 6, 7, 8], 100)).to.equal(false);
    const { streak } = streakOf([1, 2, 3, 4, 5, 6, 7, 8], 100);
    expect(meansKey(streak, 100 + FORBIDDEN_LEAST_MS - 1)).to.equal(false);
    expect(meansKey(streak, 100 + FORBIDDEN_LEAST_MS)).to.equal(true);
  });

  it('begin anew after an answer that shows the key accepted', () => {
    const { streak, nowMs } = streakOf([1, 2, 3, 4], 2_000);
    const after = withForbidden(withAccepted(streak), 5, nowMs, nowMs + 2_000);
    expect(meansKey(after, nowMs + 60_000)).to.equal(false);
  });

  it('count for five minutes', () => {
    const { streak, nowMs } = streakOf([1, 2, 3, 4], 2_000);
    const late = nowMs - 6_000 + FORBIDDEN_WINDOW_MS;
    expect(meansKey(withForbidden(streak, 5, late - 1, late - 1), late - 1)).to.equal(true);
    expect(meansKey(withForbidden(streak, 5, late, late), late)).to.equal(false);
  });

  it('do not count for requests that were sent before the streak could begin', () => {
    const begun = noStreak(1_000);
    expect(withForbidden(begun, 1, 999, 3_000)).to.equal(begun);
    expect(withForbidden(begun, 1, 1_000, 3_000).latest).to.have.length(1);
  });

  it('leave nothing to change where there were none', () => {
    const none = noStreak(0);
    expect(withAccepted(none)).to.equal(none);
  });

  it('decide as a list of all answers would, in bounded memory', () => {
    const answer = fc.record({
      accepted: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
      body: fc.integer({ min: 0, max: 7 }),
      waitMs: fc.oneof(
        fc.integer({ min: 0, max: 3_000 }),
        fc.constantFrom(FORBIDDEN_LEAST_MS, FORBIDDEN_WINDOW_MS / 5, FORBIDDEN_WINDOW_MS),
      ),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), (answers) => {
        let streak = noStreak(0);
        let nowMs = 0;
        let all: { body: number; atMs: number }[] = [];
        for (const { accepted, body, waitMs } of answers) {
          nowMs += waitMs;
          if (accepted) {
            all = [];
            streak = withAccepted(streak);
          } else {
            const lastMs = all.at(-1)?.atMs ?? nowMs;
            if (nowMs - lastMs >= FORBIDDEN_WINDOW_MS) all = [];
            all.push({ body, atMs: nowMs });
            streak = withForbidden(streak, body, nowMs, nowMs);
          }
          expect(meansKey(streak, nowMs)).to.equal(meansKeyByAll(all, nowMs));
          expect(streak.latest.length).to.be.at.most(FORBIDDEN_REQUESTS);
        }
      }),
    );
  });
});

/** The same rule over every 403 since the last acceptance or the last pause of a whole window. */
function meansKeyByAll(all: readonly { readonly body: number; readonly atMs: number }[], nowMs: number): boolean {
  const [first] = all;
  if (first === undefined || nowMs - first.atMs < FORBIDDEN_LEAST_MS) return false;
  const recent = all.filter(({ atMs }) => nowMs - atMs < FORBIDDEN_WINDOW_MS);
  return new Set(recent.map(({ body }) => body)).size >= FORBIDDEN_REQUESTS;
}
