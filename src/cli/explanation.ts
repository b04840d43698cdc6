/** What `headgate explain` knows of a model: where a request for it goes now, and why. Made from a gateway's status. Pure. */

import type { Balance } from '../shared/config.ts';
import type { CooldownReason } from '../shared/events.ts';
import { findName, inOrder, isPattern, upstreamName } from '../shared/model-names.ts';
import { didYouMean } from '../shared/nearest-name.ts';
import { sessionRank } from '../shared/session-rank.ts';
import { orderTargets } from '../shared/target-order.ts';
import { clockWords } from './clock-words.ts';
import { cooldownWords } from './cooldown-reason.ts';
import { counted } from './counted.ts';
import { keyWords } from './explained-keys.ts';
import { CommandError } from './failures.ts';
import type { StatusAnswer } from './status-answer.ts';
import { circuitName } from './status-lines.ts';

/** Those that this version knows: another one's has the order of the configuration. */
const balances: readonly Balance[] = ['order', 'weighted', 'latency', 'load'];

type ModelAnswer = StatusAnswer['models'][number];

/** A target, as a request would find it now. */
export interface ExplainedTarget {
  readonly provider: string;
  /** As it is asked for: what a star stands for is in its place. */
  readonly model: string;
  /** From 1. */
  readonly level: number;
  readonly weight: number;
  readonly usable: boolean;
  readonly why: string;
  /** Why it cools down; null where it does not. */
  readonly cooldown: string | null;
  /** What each worker sees of it, in no order; empty where nobody has asked it, or nobody needs to know. */
  readonly seen: readonly {
    readonly inFlight: number;
    readonly streamMs: number | null;
    readonly plainMs: number | null;
  }[];
}

export interface Explanation {
  readonly asked: string;
  /** The model's own name. */
  readonly model: string;
  /** What the star of that name stands for; null without one. */
  readonly matched: string | null;
  readonly balance: string;
  /** The session that decides within a level, in place of the balance; null without one. */
  readonly session: string | null;
  readonly aliases: readonly string[];
  /** Those of a level in the order of the configuration, but usable ones first where the balance tells which is next. */
  readonly targets: readonly ExplainedTarget[];
  readonly fallbacks: ModelAnswer['fallbacks'];
  readonly defaults: ModelAnswer['defaults'];
  readonly drop: readonly string[];
}

/**
 * Throws `CommandError` for a name that leads to no model, and for a session of one that keeps none.
 *
 * @param session what the request names its session; null if it names none
 */
export function explanationOf(asked: string, status: StatusAnswer, session: string | null = null): Explanation {
  const names = {
    models: Object.fromEntries(status.models.map((model) => [model.name, model])),
    aliases: Object.fromEntries(status.models.flatMap(({ name, aliases }) => aliases.map((alias) => [alias, name]))),
    patterns: inOrder(status.models.map(({ name }) => name)),
  };
  // The pattern itself is no name of a request, but a question about it has an answer.
  const found = findName(names, asked) ?? (isPattern(asked) ? { name: asked, matched: null } : null);
  const model = found === null ? undefined : status.models.find(({ name }) => name === found.name);
  if (found === null || model === undefined) throw unknown(asked, status);
  if (session !== null && model.sessions === 'off') {
    throw new CommandError(`${model.name} keeps no sessions: a request for it goes where its balance says`);
  }
  const { matched } = found;
  return {
    asked,
    model: model.name,
    matched,
    balance: model.balance,
    session,
    aliases: model.aliases,
    targets: inTurn(
      model,
      model.targets.map((target) => explained(target, matched, status, session)),
      session,
    ),
    fallbacks: model.fallbacks,
    defaults: model.defaults,
    drop: model.drop,
  };
}

function unknown(asked: string, { models }: StatusAnswer): CommandError {
  const names = models.flatMap(({ name, aliases }) => [name, ...aliases]);
  const hint = didYouMean(asked, names) ?? `the models are ${names.join(', ')}`;
  return new CommandError(`no model is named ${JSON.stringify(asked)}, so a request for it gets 404; ${hint}`);
}

function explained(
  { provider, model, level, weight }: ModelAnswer['targets'][number],
  matched: string | null,
  status: StatusAnswer,
  session: string | null,
): ExplainedTarget {
  const seen = status.workers.flatMap(({ traffic }) =>
    traffic
      .filter((target) => target.provider === provider && target.model === model)
      .map(({ inFlight, streamMs, plainMs }) => ({ inFlight, streamMs, plainMs })),
  );
  const name = upstreamName(model, matched);
  const { usable, cooldown, why } = judge({ provider, model }, status);
  // An open circuit leaves the target out with any key.
  const isAboutKeys = usable || cooldown !== null;
  const words = isAboutKeys ? [why, ...keyWords({ provider, model }, status, session)] : [why];
  return { provider, model: name, level: level + 1, weight, usable, cooldown, why: words.join('; '), seen };
}

/**
 * In the order in which a request would try them. Where the balance chooses within a level, usable ones go first, and those
 * that chance decides on by their weight. Workers may each see it otherwise.
 */
function inTurn(model: ModelAnswer, explained: readonly ExplainedTarget[], session: string | null): ExplainedTarget[] {
  const balance = balances.find((each) => each === model.balance) ?? 'order';
  const order = orderTargets({
    targets: model.targets,
    balance,
    sessionRank: session === null ? null : (index) => rankOf(session, model.targets[index]),
    random: () => 0.5,
    latencyMs: (index) => leastMs(explained[index]),
    inFlight: (index) => inFlightOf(explained[index]?.seen ?? []),
  });
  const placed = order.flatMap((index) => explained[index] ?? []);
  if (session !== null || balance === 'order') return placed;
  return placed.sort((one, other) => one.level - other.level || Number(other.usable) - Number(one.usable));
}

function rankOf(session: string, target: ModelAnswer['targets'][number] | undefined): number {
  return target === undefined ? 0 : sessionRank(session, target);
}

/** The least that a worker sees; null where none sees anything. */
function leastMs(target: ExplainedTarget | undefined): number | null {
  const known = target?.seen.flatMap(({ streamMs, plainMs }) => streamMs ?? plainMs ?? []) ?? [];
  return known.length === 0 ? null : Math.min(...known);
}

/** Of all workers. */
export function inFlightOf(seen: ExplainedTarget['seen']): number {
  return seen.reduce((sum, { inFlight }) => sum + inFlight, 0);
}

function judge(
  { provider, model }: { readonly provider: string; readonly model: string },
  status: StatusAnswer,
): Pick<ExplainedTarget, 'usable' | 'cooldown' | 'why'> {
  const own = status.targets.find((target) => target.provider === provider && target.model === model);
  const ofProvider = status.circuits.find((circuit) => circuit.provider === provider);
  // A provider's circuit may be shown as open because of its other targets. A version without targets knows no such.
  const barring = own?.barred === false ? undefined : ofProvider;
  const [cooldown] = status.rests
    .filter((known) => known.provider === provider && (known.model ?? model) === model)
    .sort((one, other) => other.remainingMs - one.remainingMs);
  const open = [
    { name: circuitName(provider, null), circuit: barring },
    { name: circuitName(provider, model), circuit: own },
  ].find(({ circuit }) => circuit?.state === 'open');
  if (open !== undefined) {
    const until = open.circuit?.openUntil ?? null;
    const why = `left out: the circuit of ${open.name} is open${until === null ? '' : ` until ${clockWords(until)}`}`;
    return { usable: false, cooldown: null, why };
  }
  if (cooldown !== undefined) {
    const why = cooldownWords(cooldown.reason) || 'it cools down';
    return {
      usable: false,
      cooldown: cooldown.reason ?? ('rate_limited' satisfies CooldownReason),
      why: `left out for ${Math.ceil(cooldown.remainingMs / 1000)} s: ${why}`,
    };
  }
  if ([barring, own].some((circuit) => circuit?.state === 'half-open')) {
    const why = 'half-open: one request at a time probes it, the others skip it';
    return { usable: true, cooldown: null, why };
  }
  const failures = (own ?? ofProvider)?.failures ?? 0;
  const why = failures === 0 ? 'closed' : `closed, with ${counted(failures, 'recent failure')}`;
  return { usable: true, cooldown: null, why };
}
