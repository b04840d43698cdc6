/**
 * Parameters of the configuration that a target has turned out not to take. A client has not sent them and must not hear
 * of them: the request is sent again without, and later ones are sent so at once.
 */
import type { UpstreamError } from '../../dialects/upstream-error.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { isPattern, upstreamName } from '../../shared/model-names.ts';

const NONE: readonly string[] = [];

/** Of the models behind stars so many are remembered, those that were found last: clients choose their names. */
const MOST_BEHIND_STARS = 64;

/** Of a worker, by account and model. Behind a star are many models, of which each is known by its own name. */
export class RefusedParameters {
  readonly #byTarget = new Map<string, readonly string[]>();
  readonly #behindStars = new Map<string, readonly string[]>();

  /** Names that are not to be set. @param matched what the star of the target's model stands for; null without one */
  of(provider: ProviderConfig, target: TargetConfig, matched: string | null): readonly string[] {
    return this.#known(target).get(keyOf(provider, target, matched)) ?? NONE;
  }

  /** A target has answered only without these. True if that is new of one of them. */
  add(provider: ProviderConfig, target: TargetConfig, matched: string | null, names: readonly string[]): boolean {
    const before = this.of(provider, target, matched);
    const added = names.filter((name) => !before.includes(name));
    if (added.length === 0) return false;
    const known = this.#known(target);
    known.set(keyOf(provider, target, matched), [...before, ...added]);
    const [oldest] = this.#behindStars.keys();
    if (this.#behindStars.size > MOST_BEHIND_STARS && oldest !== undefined) this.#behindStars.delete(oldest);
    return true;
  }

  #known({ model }: TargetConfig): Map<string, readonly string[]> {
    return isPattern(model) ? this.#behindStars : this.#byTarget;
  }
}

/** `temperature: …`, `thinking.budget_tokens: …`: how Anthropic and others name what is wrong. */
const pathBefore = /^([\w-]+)(?:[.[][\w.[\]-]*)?: /;

/** A name in quotes of any kind, or what begins a path there. */
const quoted = /['"`‘“]([\w-]+)(?:[.[][^'"`’”]*)?['"`’”]/g;

/**
 * Which of the parameters that were set an error is about; none where it is not about what the request holds. A word of
 * its message may be one of English (`user`, `stop`), so it counts as a name only where it is marked as one.
 */
export function refusedIn({ status, param, message }: UpstreamError, set: readonly string[]): readonly string[] {
  if (status !== 400 && status !== 422) return NONE;
  if (param !== null && param !== '') {
    const [first] = param.split(/[.[]/, 1);
    return set.filter((name) => name === first);
  }
  const marked = [pathBefore.exec(message)?.[1], ...Array.from(message.matchAll(quoted), ([, name]) => name)];
  const words = message.split(/[^\w-]+/);
  return set.filter((name) => marked.includes(name) || (name.includes('_') && words.includes(name)));
}

function keyOf({ account }: ProviderConfig, { model }: TargetConfig, matched: string | null): string {
  return `${account} ${upstreamName(model, matched)}`;
}
