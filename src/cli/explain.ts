/**
 * `headgate explain MODEL`: which targets a request for the model would try now, in order, and why. It asks the running
 * gateway, which knows its configuration, circuits and cooldowns.
 */
import type { Command } from 'commander';
import { didYouMean } from '../config/checks/nearest-name.ts';
import type { CooldownReason } from '../shared/events.ts';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { counted } from './counted.ts';
import { CommandError } from './failures.ts';
import { askStatus, type StatusAnswer } from './status-answer.ts';
import { circuitName } from './status-lines.ts';

/** Adds the command. */
export function registerExplain(program: Command): void {
  withAdmin(program.command('explain <model>'))
    .description('show which targets a request for a model would try now, and why')
    .action(async (model: string, flags: ConfigFlags) => {
      const status = await askStatus(adminClient(flags));
      process.stdout.write(`${explainModel(model, status).join('\n')}\n`);
    });
}

/** The lines to print. Throws `CommandError` for a model that is not configured. */
export function explainModel(name: string, status: StatusAnswer): string[] {
  const model = status.models.find((candidate) => candidate.name === name);
  if (model === undefined) {
    const names = status.models.map((candidate) => candidate.name);
    const hint = didYouMean(name, names) ?? `the models are ${names.join(', ')}`;
    throw new CommandError(`no model is named ${JSON.stringify(name)}, so a request for it gets 404; ${hint}`);
  }
  const targets = model.targets.map((target) => ({ ...target, ...judge(target, status) }));
  const usable = targets.filter((target) => target.usable);
  const lines = targets.map((target) => {
    const place = target.usable ? `${usable.indexOf(target) + 1}.` : '–';
    return `  ${place.padEnd(3)} ${target.provider}/${target.model}  ${target.why}`;
  });
  return [usable.length > 0 ? `a request for ${name} now takes:` : nothingLeft(name, targets), ...lines];
}

interface Judged {
  readonly usable: boolean;
  /** Why it cools down; null where it does not. */
  readonly cooldown: string | null;
  readonly why: string;
}

/** Cooldowns that end in the gateway's own 502: the operator has to act, or the provider. */
const notLimits = new Set<string | null>(['auth', 'model'] satisfies CooldownReason[]);

function judge(
  { provider, model }: { readonly provider: string; readonly model: string },
  status: StatusAnswer,
): Judged {
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
    const why = `left out: the circuit of ${open.name} is open${until === null ? '' : ` until ${until}`}`;
    return { usable: false, cooldown: null, why };
  }
  if (cooldown !== undefined) {
    const what = cooldown.model === null ? `the key of ${cooldown.provider} cools down` : 'it cools down';
    return {
      usable: false,
      cooldown: cooldown.reason ?? 'rate_limited',
      why: `left out: ${what} for ${Math.ceil(cooldown.remainingMs / 1000)} s`,
    };
  }
  if ([barring, own].some((circuit) => circuit?.state === 'half-open')) {
    return {
      usable: true,
      cooldown: null,
      why: 'half-open: one request at a time probes it, the others skip it',
    };
  }
  const failures = (own ?? ofProvider)?.failures ?? 0;
  return {
    usable: true,
    cooldown: null,
    why: failures === 0 ? 'closed' : `closed, with ${counted(failures, 'recent failure')}`,
  };
}

function nothingLeft(name: string, targets: readonly Judged[]): string {
  const isLimit = targets.some(({ cooldown }) => !notLimits.has(cooldown));
  const status = targets.some(({ cooldown }) => cooldown === null) ? 503 : isLimit ? 429 : 502;
  return `a request for ${name} now gets ${status}, since no target is left:`;
}
