/** Where a name of LiteLLM's leads among models that are put together: to one of them, by an alias, or by a pattern. */
import { findName, inOrder, isPattern, upstreamName } from '../../shared/model-names.ts';
import type { Target } from './deployments.ts';
import type { Model } from './models.ts';

/** All models, which grow by those that only a pattern names. */
export class Names {
  readonly models: Map<string, Model>;

  constructor(models: Map<string, Model>) {
    this.models = models;
  }

  /** The name of a model; null for one that no model, alias or pattern has. */
  find(asked: string): string | null {
    if (this.models.has(asked)) return asked;
    const found = this.#found(asked);
    return found === null ? null : found.matched === null ? found.name : asked;
  }

  /** The levels of a model, or those of a pattern with what its star stands for. */
  levelsOf(asked: string): readonly (readonly Target[])[] {
    const own = this.models.get(asked);
    if (own !== undefined) return own.levels;
    const found = this.#found(asked);
    const levels = found === null ? [] : (this.models.get(found.name)?.levels ?? []);
    return levels.map((level) => level.map((target) => filled(target, found?.matched ?? null)));
  }

  /** The model of a name, made of its pattern where it is none yet; null for a name that leads nowhere. */
  modelOf(asked: string): Model | null {
    const name = this.find(asked);
    if (name === null) return null;
    const own = this.models.get(name);
    if (own !== undefined) return own;
    const pattern = this.models.get(this.#found(name)?.name ?? '');
    const model: Model = {
      levels: [...this.levelsOf(name)],
      aliases: [],
      context: pattern?.context ?? [],
      defaults: pattern?.defaults ?? {},
      drop: pattern?.drop ?? [],
    };
    this.models.set(name, model);
    return model;
  }

  #found(asked: string) {
    const names = [...this.models.keys()];
    const aliases = [...this.models].flatMap(([name, model]) => model.aliases.map((alias) => [alias, name] as const));
    return findName(
      {
        models: Object.fromEntries(this.models),
        aliases: Object.fromEntries(aliases),
        patterns: inOrder(names.filter(isPattern)),
      },
      asked,
    );
  }
}

function filled(target: Target, matched: string | null): Target {
  return { ...target, model: upstreamName(String(target.model), matched) };
}
