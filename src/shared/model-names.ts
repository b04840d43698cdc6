/**
 * How the name that a client asks for leads to a model: by its own name, by an alias, or by a pattern, in this order. A
 * pattern is a model's name with one `*`; of several that match, the one with more characters besides the star wins. Pure.
 */

const STAR = '*';

/** What names there are. */
export interface ModelNames {
  /** By name, patterns among them. */
  readonly models: Readonly<Record<string, unknown>>;
  /** The name of a model by each of its aliases. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The names of models that are patterns, in the order in which they are tried: as `inOrder` gives it. */
  readonly patterns: readonly string[];
}

/** Where a name leads. */
interface FoundName {
  /** The model's own. */
  readonly name: string;
  /** What the star stands for; null where the model is no pattern. */
  readonly matched: string | null;
}

/**
 * What a star may stand for: a target's address may have it as a part of its path, so it must lead nowhere else there.
 */
const matchable = /^(?!.*\.\.)[A-Za-z0-9._:/@+-]{1,128}$/;

/** Whether a name stands for all that match it. */
export function isPattern(name: string): boolean {
  return name.includes(STAR);
}

/** All names that can be asked for as they stand: a pattern is none. */
export function askableNames({ models, aliases }: Pick<ModelNames, 'models' | 'aliases'>): string[] {
  return [...Object.keys(models).filter((name) => !isPattern(name)), ...Object.keys(aliases)];
}

/** The patterns among these names: those that say more go first, then those that say more before their star. */
export function inOrder(names: readonly string[]): string[] {
  const starAt = (name: string) => name.indexOf(STAR);
  return names.filter(isPattern).sort((one, other) => other.length - one.length || starAt(other) - starAt(one));
}

/** Where a client's name leads; null if nowhere. */
export function findName({ models, aliases, patterns }: ModelNames, asked: string): FoundName | null {
  if (Object.hasOwn(models, asked) && !isPattern(asked)) return { name: asked, matched: null };
  const aliased = Object.hasOwn(aliases, asked) ? aliases[asked] : undefined;
  if (aliased !== undefined) return { name: aliased, matched: null };
  for (const name of patterns) {
    const matched = matchOf(name, asked);
    if (matched !== null) return { name, matched };
  }
  return null;
}

/** What the star of a pattern stands for in a name; null if they do not match. */
export function matchOf(pattern: string, asked: string): string | null {
  const at = pattern.indexOf(STAR);
  const rest = pattern.length - at - STAR.length;
  if (asked.length <= at + rest) return null;
  if (!asked.startsWith(pattern.slice(0, at)) || !asked.endsWith(pattern.slice(at + STAR.length))) return null;
  const matched = asked.slice(at, asked.length - rest);
  return matchable.test(matched) ? matched : null;
}

/** A target's name of the model, with what the star stands for. @param matched null where there is no star */
export function upstreamName(model: string, matched: string | null): string {
  return matched === null ? model : model.replace(STAR, () => matched);
}
