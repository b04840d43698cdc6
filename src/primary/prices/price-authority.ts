/**
 * Tells the workers what models cost: all configured targets at once, and any other name when a worker asks for it. No
 * start waits for that: the list is loaded while the first workers boot.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../shared/config.ts';
import type { PrimaryMessage } from '../../shared/ipc.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { isPattern } from '../../shared/model-names.ts';
import type { PriceEntry } from '../../shared/prices.ts';
import type { PriceList } from './price-list.ts';

/** Models that are looked up in one turn: a few milliseconds at most. */
const AT_ONCE = 20;

interface PriceAuthorityOptions {
  readonly config: Config;
  readonly load: () => Promise<PriceList>;
  readonly broadcast: (message: PrimaryMessage) => void;
  readonly log: Log;
}

/** One per gateway. */
export class PriceAuthority {
  readonly #options: PriceAuthorityOptions;
  #config: Config;
  #list: Promise<PriceList | null> | null = null;
  #entries: readonly PriceEntry[] | null = null;

  constructor(options: PriceAuthorityOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** What a new worker gets; null until the list is loaded and read. */
  get entries(): readonly PriceEntry[] | null {
    return this.#entries;
  }

  /** Tells the workers. Resolves then, or when a further configuration takes its place. Never rejects. */
  async reconfigure(config: Config): Promise<void> {
    this.#config = config;
    const list = await this.#loaded();
    const entries: PriceEntry[] = [];
    for (const [provider, model] of pricedTargets(config)) {
      if (entries.length % AT_ONCE === AT_ONCE - 1) await nextTurn();
      entries.push(this.#look(list, provider, model));
    }
    if (config !== this.#config) return;
    this.#entries = entries;
    this.#options.broadcast({ type: 'prices', entries });
  }

  /** What a worker asks for: a model that it does not know by its name. Never rejects. */
  async asked(provider: string, model: string): Promise<PriceEntry> {
    return this.#look(await this.#loaded(), provider, model);
  }

  /** Null if there is none, which is logged once. */
  #loaded(): Promise<PriceList | null> {
    this.#list ??= this.#options.load().catch((error: unknown) => {
      const text = 'the price list could not be loaded: only prices of the configuration are known';
      this.#options.log.error(errorFields(error), text);
      return null;
    });
    return this.#list;
  }

  #look(list: PriceList | null, provider: string, model: string): PriceEntry {
    const { providers } = this.#config;
    const config = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
    if (list === null || config === undefined) return { provider, model, table: null };
    try {
      return { provider, model, table: list.find(config, model)?.table ?? null };
    } catch (error) {
      this.#options.log.warn({ provider, ...errorFields(error) }, 'a price of the price list could not be read');
      return { provider, model, table: null };
    }
  }
}

/** Providers' models that are targets by name, and have no price in the configuration; each once. */
function pricedTargets({ models }: Config): (readonly [provider: string, model: string])[] {
  const targets = Object.values(models).flatMap((model) => model.targets);
  const named = targets.filter(({ model, price }) => price === undefined && !isPattern(model));
  return [
    ...new Map(named.map(({ provider, model }) => [`${provider} ${model}`, [provider, model] as const])).values(),
  ];
}
