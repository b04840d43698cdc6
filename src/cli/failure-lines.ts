/**
 * The last failures as text for people: two lines or so for each, within the width of a terminal, and what to do about each
 * code at the end. Pure.
 */
import { failureKind } from '../shared/failure-report.ts';
import { FairList } from '../shared/fair-list.ts';
import { localParts } from '../shared/local-time.ts';
import { clockWords } from './clock-words.ts';
import { counted } from './counted.ts';
import type { FailureAnswer } from './errors-answer.ts';
import { fitted } from './table.ts';
import { wrapped } from './wrapped.ts';

const GAP = '  ';
/** `14:02:11+01:00`, and the owners. */
const TIME_WIDTH = 14;
const OWNER_WIDTH = 8;
/** The longest code. */
const CODE_WIDTH = 27;
const LEAST_WIDTH = 80;

/** So many of them, newest first: where they are too many, each kind has its share, so that what they follow from is seen. */
export function someOf(failures: readonly FailureAnswer[], most: number): readonly FailureAnswer[] {
  const some = new FairList<FailureAnswer>({ most, kindOf: failureKind, atMsOf: ({ at }) => Date.parse(at) });
  for (const failure of failures.toReversed()) some.add(failure);
  return some.entries().toReversed();
}

/** Lines for failures in the order in which they come; the columns are the same for all. */
export class FailureLines {
  readonly #width: number;
  readonly #modelWidth: number;
  readonly #providerWidth: number;
  #day: string;

  /** @param width in characters, of which at least 80 are used @param wallMs now; times of other days are under their date */
  constructor(width: number, wallMs: number) {
    this.#width = Math.max(LEAST_WIDTH, width);
    const names = this.#width - TIME_WIDTH - OWNER_WIDTH - CODE_WIDTH - 4 * GAP.length;
    this.#modelWidth = Math.ceil(names * 0.57);
    this.#providerWidth = names - this.#modelWidth;
    this.#day = localParts(wallMs).date;
  }

  /** What is shown, and the heads of the columns. */
  head(what: string): string[] {
    return [`${what}, newest last`, this.#row('time', 'model', 'provider', 'owner', 'code')];
  }

  of({ at, model, provider, providers = [provider], owner, code, cause, trail, leftOut, id }: FailureAnswer): string[] {
    const { date: day } = localParts(Date.parse(at));
    const isOtherDay = day !== this.#day;
    this.#day = day;
    const way = trail === '' ? ['asked no provider'] : trail.split(', ');
    const parts = [
      ...(cause === null ? [] : [cause]),
      ...way.map((step, index) => (index === 0 ? step : `→ ${step}`)),
      ...(leftOut === undefined ? [] : ['left out:', ...leftOut.split(', ')]),
      id,
    ];
    const indent = ' '.repeat(TIME_WIDTH + GAP.length);
    return [
      ...(isOtherDay ? [`on ${day}`] : []),
      this.#row(clockWords(at), model, providers.join(', '), owner, code),
      ...wrapped(parts, GAP, indent, this.#width),
    ];
  }

  /** What to do about each code in these, once where that is the same; the most frequent first. */
  cures(failures: readonly Pick<FailureAnswer, 'code' | 'cure'>[]): string[] {
    const counts = new Map<string, { code: string; cure: string; count: number }>();
    for (const { code, cure } of failures) {
      const key = `${code} ${cure}`;
      counts.set(key, { code, cure, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    const sorted = [...counts.values()].sort((one, other) => other.count - one.count);
    return sorted.flatMap(({ code, cure, count }) => {
      return wrapped(`${code} (${counted(count, 'time')}): ${cure}`.split(' '), ' ', '', this.#width, GAP);
    });
  }

  #row(time: string, model: string, provider: string, owner: string, code: string): string {
    const cells = [
      time.padEnd(TIME_WIDTH),
      fitted(model, this.#modelWidth),
      fitted(provider, this.#providerWidth),
      owner.padEnd(OWNER_WIDTH),
      code,
    ];
    return cells.join(GAP).trimEnd();
  }
}
