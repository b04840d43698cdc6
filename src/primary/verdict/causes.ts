/**
 * Why a provider fails, as the failures of the last minutes say it. Pure.
 *
 * The most frequent kind of a model's failures says it best: with a status, or the system's code. Where every request was
 * answered by another target there is none, and what most attempts ended with says it. An open circuit is no cause: what
 * opened it is.
 */
import type { TimeoutOptions } from '../../shared/config.ts';
import { asConnectReason } from '../../shared/egress/connect-fault.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { type AttemptOutcome, attemptOutcomes } from '../../shared/events.ts';
import { endOf } from './alert-totals.ts';
import { type Cause, causeInWords, isOfGateway, type ToldCode } from './cause-words.ts';
import type { FailureKind, VerdictFacts } from './facts.ts';

/** Of which failures: of a model as clients name it, of one as the provider names it, or of any. */
interface Of {
  readonly model?: string;
  readonly upstreamModel?: string;
}

/** In which failures and attempts are counted: the shortest with any. */
const ranges = [
  { seconds: 60, countOf: ({ lastMinute }: FailureKind) => lastMinute },
  { seconds: 600, countOf: ({ lastTenMinutes }: FailureKind) => lastTenMinutes },
] as const;

/** Of requests for which no provider was asked. */
const NOBODY = 'unknown';

/** Null where nothing failed lately. */
export function causeOf(facts: VerdictFacts, provider: string, of: Of = {}): Cause | null {
  const kind = usualKind(facts.failures.filter((each) => each.provider === provider && isOf(each, of)));
  if (kind !== null) return inWords(facts, kind);
  const end = usualEnd(facts, provider);
  return end === null ? null : inWords(facts, { ...end, provider, ...of });
}

/** Why requests for a model fail: at the provider that is to blame, if the gateway itself is not. */
export function causeOfModel(facts: VerdictFacts, model: string, provider: string | null): Cause | null {
  const kinds = facts.failures.filter(
    (each) =>
      each.model === model &&
      (each.provider === provider || isOfGateway(each.code)) &&
      // What was only refused since all keys or models cool down says nothing of why.
      (each.provider !== NOBODY || isOfGateway(each.code)),
  );
  const kind = usualKind(kinds);
  if (kind !== null && isOfGateway(kind.code)) return inWords(facts, kind);
  return provider === null ? null : causeOf(facts, provider, { model });
}

/** What this fault of a provider is called, and its cure: with what is known of its newest failure, if there was any lately. */
export function causeBy(facts: VerdictFacts, provider: string, code: ToldCode): Cause {
  const kind = usualKind(facts.failures.filter((each) => each.provider === provider && each.code === code));
  return causeInWords({ ...knownOf(facts, kind ?? { provider, code }), code });
}

function isOf(failure: FailureKind, { model, upstreamModel }: Of): boolean {
  return (
    (model === undefined || failure.model === model) &&
    (upstreamModel === undefined || failure.upstreamModel === upstreamModel)
  );
}

/**
 * The most frequent kind, of those that are as frequent the newest. Kinds with the same cure are counted together first:
 * three statuses of an outage are one fault.
 */
function usualKind(kinds: readonly FailureKind[]): FailureKind | null {
  for (const { countOf } of ranges) {
    const within = kinds.filter((kind) => countOf(kind) > 0);
    if (within.length === 0) continue;
    const faults = Map.groupBy(within, ({ code, end }) => `${code}\n${asConnectReason(end) ?? ''}`);
    const [usual = []] = [...faults.values()].sort(
      (one, other) => sum(other, countOf) - sum(one, countOf) || newestOf(other) - newestOf(one),
    );
    const [most] = usual.toSorted((one, other) => countOf(other) - countOf(one) || other.atMs - one.atMs);
    return most ?? null;
  }
  return null;
}

function sum(kinds: readonly FailureKind[], countOf: (kind: FailureKind) => number): number {
  return kinds.reduce((total, kind) => total + countOf(kind), 0);
}

function newestOf(kinds: readonly FailureKind[]): number {
  return Math.max(...kinds.map(({ atMs }) => atMs));
}

interface End {
  readonly code: ErrorCode;
  /** As attempts' ends are called in `x-headgate-attempts`. */
  readonly end?: string;
}

/** What an attempt that ended so stands for. Those of clients, and of nobody, are no failures. */
const ends: Readonly<Partial<Record<AttemptOutcome, End>>> = {
  rate_limited: { code: 'rate_limited' },
  server_error: { code: 'provider_error', end: '5xx' },
  auth_error: { code: 'provider_auth' },
  no_credentials: { code: 'provider_credentials' },
  connect_error: { code: 'provider_unreachable' },
  timeout_connect: { code: 'provider_unreachable', end: 'timeout-connect' },
  timeout_headers: { code: 'provider_timeout', end: 'timeout-headers' },
  timeout_first_content: { code: 'provider_timeout', end: 'timeout-first_content' },
  timeout_stall: { code: 'provider_stream_cut', end: 'timeout-stall' },
  stream_cut: { code: 'provider_stream_cut' },
  bad_response: { code: 'provider_error', end: 'unreadable' },
  empty_response: { code: 'provider_error', end: 'empty' },
  model_unavailable: { code: 'model_unavailable' },
};

const failedOutcomes = attemptOutcomes.filter((outcome) => ends[outcome] !== undefined);

function usualEnd({ counts, attempts }: VerdictFacts, provider: string): End | null {
  for (const { seconds } of ranges) {
    let most = 0;
    let usual: AttemptOutcome | null = null;
    for (const outcome of failedOutcomes) {
      const ended = counts.increase('ended', endOf(provider, outcome), seconds);
      if (ended > most) [most, usual] = [ended, outcome];
    }
    if (usual === null) continue;
    const known = ends[usual];
    const end = attempts.lastEnd(provider, usual);
    return known === undefined ? null : { ...known, ...(end === null ? {} : { end }) };
  }
  return null;
}

type Known = Pick<FailureKind, 'provider' | 'code'> & Partial<Omit<FailureKind, 'lastMinute' | 'lastTenMinutes'>>;

function inWords(facts: VerdictFacts, known: Known): Cause | null {
  return causeInWords(knownOf(facts, known));
}

function knownOf(facts: VerdictFacts, known: Known): Parameters<typeof causeInWords>[0] {
  const { provider, code, model = null, upstreamModel = null, end = null, cause = null, tookMs = null } = known;
  const timeouts = timeoutsAt(facts, provider, upstreamModel);
  return { provider, code, model, upstreamModel, end, cause, tookMs, timeouts, secrets: facts.secretsOf(provider) };
}

/** Those in force, if all targets that it may be have the same. */
function timeoutsAt({ models }: VerdictFacts, provider: string, upstreamModel: string | null): Partial<TimeoutOptions> {
  const all = Object.values(models)
    .flatMap(({ targets }) => targets)
    .filter((target) => target.provider === provider && (upstreamModel ?? target.model) === target.model);
  const [first] = all;
  if (first === undefined) return {};
  const same = Object.entries(first.timeouts).filter(([name, ms]) =>
    all.every(({ timeouts }) => timeouts[name as keyof TimeoutOptions] === ms),
  );
  return Object.fromEntries(same);
}
