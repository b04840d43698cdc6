/**
 * What this worker knows of prices. The primary sends those of all configured targets. A name that a pattern stands for is
 * asked for when it is first seen, so that its price is there when the answer ends; a price in the configuration goes
 * before both.
 *
 * Clients choose such names, so all that they cost is bounded: the latest are kept, and few are asked for at once and in a
 * second, since each takes the primary up to a tenth of a millisecond. A name that finds no room has no price.
 */
import { type Clock, sleep } from '../../shared/clock.ts';
import type { TargetConfig } from '../../shared/config.ts';
import { upstreamName } from '../../shared/model-names.ts';
import type { PriceEntry, PriceTable } from '../../shared/prices.ts';

/** Names that are kept beside those of the configuration. */
const MOST_NAMES = 256;
/** Questions that have no answer yet. */
const MOST_ASKED = 64;
/** Questions in a second. */
const MOST_A_SECOND = 100;
/** How long the end of an answer waits for its price. */
const LONGEST_WAIT_MS = 50;

/** The price of one model at one provider, as far as it is known: held by the requests that asked for it. */
export class Quote {
  #table: PriceTable | null = null;
  #answered: PromiseWithResolvers<void> | null;

  /** @param table undefined: it is asked for */
  constructor(table: PriceTable | null | undefined) {
    this.#table = table ?? null;
    this.#answered = table === undefined ? Promise.withResolvers() : null;
  }

  /** Null where no price is known, or not yet. */
  get table(): PriceTable | null {
    return this.#table;
  }

  /** Whether there may soon be one. */
  get isPending(): boolean {
    return this.#answered !== null;
  }

  /** The answer is here. */
  settle(table: PriceTable | null): void {
    this.#table = table;
    this.#answered?.resolve();
    this.#answered = null;
  }

  /** Resolves when the answer is here, or after 50 ms: then nobody waits for this one again. */
  async wait(clock: Clock): Promise<void> {
    if (this.#answered === null) return;
    await Promise.race([this.#answered.promise, sleep(clock, LONGEST_WAIT_MS)]);
    this.#answered = null;
  }
}

const UNKNOWN = new Quote(null);

interface PriceBookOptions {
  /** Asks the primary. Calls `failed` if there is none. */
  readonly ask: (provider: string, model: string, failed: () => void) => void;
  readonly clock: Clock;
}

/** One per worker. */
export class PriceBook {
  readonly #options: PriceBookOptions;
  /** By name, those of the configuration. */
  #configured = new Map<string, Quote>();
  /** By name, in the order in which they came. */
  readonly #named = new Map<string, Quote>();
  readonly #asked = new Map<string, Quote>();
  /** The same by target, where that is one model: no name is built for a request. */
  #byTarget = new WeakMap<TargetConfig, Quote>();
  #second = 0;
  #askedInSecond = 0;

  constructor(options: PriceBookOptions) {
    this.#options = options;
  }

  /** @param matched what the star of the target's model stands for; null where there is none */
  quote(target: TargetConfig, matched: string | null): Quote {
    const known = this.#byTarget.get(target);
    if (known !== undefined) return known;
    if (target.price !== undefined) return this.#keep(target, new Quote(target.price));
    const model = upstreamName(target.model, matched);
    const name = nameOf(target.provider, model);
    const configured = this.#configured.get(name);
    if (configured !== undefined) return matched === null ? this.#keep(target, configured) : configured;
    return this.#named.get(name) ?? this.#asked.get(name) ?? this.#ask(name, target.provider, model);
  }

  /** Replaces all that is known: the primary's tables of all configured targets. */
  takeAll(entries: readonly PriceEntry[]): void {
    this.#configured = new Map(
      entries.map(({ provider, model, table }) => [nameOf(provider, model), new Quote(table)]),
    );
    this.#named.clear();
    this.#byTarget = new WeakMap();
  }

  /** The primary's answer to a question. */
  take({ provider, model, table }: PriceEntry): void {
    const name = nameOf(provider, model);
    const quote = this.#asked.get(name);
    if (quote === undefined) return;
    this.#asked.delete(name);
    quote.settle(table);
    this.#named.set(name, quote);
    const [oldest] = this.#named.keys();
    if (this.#named.size > MOST_NAMES && oldest !== undefined) this.#named.delete(oldest);
  }

  #keep(target: TargetConfig, quote: Quote): Quote {
    this.#byTarget.set(target, quote);
    return quote;
  }

  #ask(name: string, provider: string, model: string): Quote {
    if (this.#asked.size >= MOST_ASKED || !this.#mayAsk()) return UNKNOWN;
    const quote = new Quote(undefined);
    this.#asked.set(name, quote);
    this.#options.ask(provider, model, () => {
      this.#asked.delete(name);
      quote.settle(null);
    });
    return quote;
  }

  #mayAsk(): boolean {
    const second = Math.floor(this.#options.clock.nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#askedInSecond = 0;
    }
    this.#askedInSecond += 1;
    return this.#askedInSecond <= MOST_A_SECOND;
  }
}

function nameOf(provider: string, model: string): string {
  return `${provider} ${model}`;
}
