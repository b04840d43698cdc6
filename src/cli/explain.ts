/**
 * `headgate explain MODEL`: which targets a request for the model would try now, in order, and why. It asks the running
 * gateway, which knows its configuration, circuits and cooldowns.
 */

import type { Command } from 'commander';
import type { CooldownReason } from '../shared/events.ts';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { type ExplainedTarget, type Explanation, explanationOf, inFlightOf } from './explanation.ts';
import { sayJson, sayLines } from './say.ts';
import { askStatus, type StatusAnswer } from './status-answer.ts';

/** Adds the command. */
export function registerExplain(program: Command): void {
  withAdmin(program.command('explain <model>'))
    .description('show which targets a request for a model would try now, and why')
    .option('--session <key>', 'of a request that names this session: by a header, or by prompt_cache_key')
    .option('--json', 'print JSON')
    .action(async (model: string, flags: ConfigFlags & { readonly json?: boolean; readonly session?: string }) => {
      const status = await askStatus(adminClient(flags));
      const session = flags.session ?? null;
      if (flags.json === true) sayJson(explanationOf(model, status, session));
      else sayLines(explainModel(model, status, session));
    });
}

/** The lines to print. Throws `CommandError` as `explanationOf` does. */
export function explainModel(name: string, status: StatusAnswer, session: string | null = null): string[] {
  const explanation = explanationOf(name, status, session);
  const { model, targets } = explanation;
  const usable = targets.filter((target) => target.usable);
  const head =
    usable.length > 0 ? `a request for ${model} now takes${balanceWords(explanation)}:` : nothingLeft(model, targets);
  return [...nameLines(explanation), head, ...targetLines(explanation, usable), ...otherLines(explanation)];
}

/** How a name that is not the model's own leads to it. */
function nameLines({ asked, model, matched }: Explanation): string[] {
  if (matched !== null) return [`${asked} is matched by ${model}, with ${matched} for the *`];
  return asked === model ? [] : [`${asked} is an alias of ${model}`];
}

const balances: Readonly<Record<string, string>> = {
  weighted: ', level by level, in a level at random by weight',
  latency: ', level by level, in a level by the least latency that a worker sees',
  load: ', level by level, in a level by the fewest requests that a worker has there for its weight',
};

function balanceWords({ balance, session }: Explanation): string {
  if (session !== null) return ', level by level, in a level as its session has it';
  return balances[balance] ?? '';
}

/** Each with its place; where a balance chooses among several, with its level. */
function targetLines({ balance, session, targets }: Explanation, usable: readonly ExplainedTarget[]): string[] {
  return targets.map((target) => {
    const decides = session === null ? balance : 'order';
    const place = decides === 'order' ? `${usable.indexOf(target) + 1}.` : `${target.level}.`;
    const words = target.usable ? [target.why, ...seenWords(target, decides, usable)] : [target.why];
    return `  ${(target.usable ? place : '–').padEnd(3)} ${target.provider}/${target.model}  ${words.join('; ')}`;
  });
}

/** What decides on a target within its level. */
function seenWords({ level, weight, seen }: ExplainedTarget, balance: string, usable: readonly ExplainedTarget[]) {
  switch (balance) {
    case 'weighted': {
      const all = usable.filter((target) => target.level === level).reduce((sum, target) => sum + target.weight, 0);
      return [`${Math.round((weight / all) * 100)} % of its level`];
    }
    case 'latency': {
      const streams = range(seen.flatMap(({ streamMs }) => streamMs ?? []));
      const plain = range(seen.flatMap(({ plainMs }) => plainMs ?? []));
      if (streams === null && plain === null) {
        return [inFlightOf(seen) === 0 ? 'not known yet, so it is tried first' : 'not known yet, and being found out'];
      }
      return [
        ...(streams === null ? [] : [`${streams} to the first content`]),
        ...(plain === null ? [] : [`${plain} for a plain answer`]),
      ];
    }
    case 'load':
      return [`${inFlightOf(seen)} in flight`, ...(weight === 1 ? [] : [`weight ${weight}`])];
    default:
      return [];
  }
}

/** `80 ms`, or `80 to 120 ms` where workers see different times; null if none sees one. */
function range(milliseconds: readonly number[]): string | null {
  if (milliseconds.length === 0) return null;
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return least === most ? `${least} ms` : `${least} to ${most} ms`;
}

function otherLines({ model, aliases, fallbacks, defaults, drop }: Explanation): string[] {
  const set = defaults.map(({ name, json }) => `${name} ${shortened(json)}`).join(', ');
  const rows = [
    ['also asked for as', aliases.join(', ')],
    ['if the context is too long', fallbacks.context.join(', then ')],
    ['set if the client does not', set],
    ['taken out', drop.join(', ')],
  ] as const;
  const told = rows.filter(([, words]) => words !== '');
  return told.length === 0 ? [] : [`${model}:`, ...told.map(([what, words]) => `  ${what}: ${words}`)];
}

const MAX_VALUE = 60;

function shortened(json: string): string {
  return json.length > MAX_VALUE ? `${json.slice(0, MAX_VALUE)}…` : json;
}

/** Cooldowns that end in the gateway's own 502: the operator has to act, or the provider. */
const notLimits = new Set<string | null>(['auth', 'model'] satisfies CooldownReason[]);

function nothingLeft(name: string, targets: readonly ExplainedTarget[]): string {
  const isLimit = targets.some(({ cooldown }) => !notLimits.has(cooldown));
  const status = targets.some(({ cooldown }) => cooldown === null) ? 503 : isLimit ? 429 : 502;
  return `a request for ${name} now gets ${status}, since no target is left:`;
}
