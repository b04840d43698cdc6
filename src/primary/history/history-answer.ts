/** The last hour as `/api/history` shows it. Pure. */
import type { ErrorOwner } from '../../shared/errors.ts';
import type { History } from './history.ts';
import { shownMs } from './latency-buckets.ts';
import { NANO_PER_USD } from './recent-counts.ts';
import { STEP_MS, STEPS } from './steps.ts';
import type { Subject, Subjects } from './subjects.ts';

/** Numbers of equal steps, oldest first; null where no gateway ran, and a latency also where nothing was counted. */
type Numbers = readonly (number | null)[];

/** Of many names, an error lists so many. */
const MOST_LISTED = 20;

/** Lists of equal lengths, at most 360. */
interface Series {
  readonly requests: Numbers;
  readonly errors: Readonly<Record<ErrorOwner, Numbers>>;
  readonly p50Ms: Numbers;
  readonly p99Ms: Numbers;
  /** The median of streams. */
  readonly firstContentMs: Numbers;
  readonly inputTokens: Numbers;
  readonly outputTokens: Numbers;
  /** What answers with a known price have cost. */
  readonly usd: Numbers;
}

/** The answer. */
export interface HistoryAnswer {
  readonly stepSeconds: number;
  /** The end of the last step that is over, as an ISO time. */
  readonly until: string;
  /** Of each step: whether counts were put there that nobody told when they happened. Its latencies are of the others. */
  readonly approximate: readonly boolean[];
  readonly series: Series;
}

/** Of what history is asked for; of the gateway where both are null. */
export interface HistoryQuery {
  readonly model: string | null;
  readonly provider: string | null;
}

/** The names of the configuration in force, of each kind. */
interface Configured {
  readonly models: readonly string[];
  readonly providers: readonly string[];
}

/** A model or a provider that nobody has heard of. The message names those that there are. */
class UnknownSubjectError extends Error {
  override readonly name = 'UnknownSubjectError';
  readonly status = 404;
}

/**
 * The hour of the subject that is asked for; of one that is configured and had no request, an hour of zeros. One that was
 * configured within that hour is known, too. Throws `UnknownSubjectError`.
 */
export function historyAnswer(
  history: History,
  { model, provider }: HistoryQuery,
  configured: Configured,
): HistoryAnswer {
  history.turn();
  const { step: current, gateway, models, providers, steps } = history;
  if (model !== null) expectKnown('model', model, models, configured.models);
  if (provider !== null) expectKnown('provider', provider, providers, configured.providers);
  const asked = model !== null ? models.get(model) : provider !== null ? providers.get(provider) : gateway;
  const first = oldest(gateway, current);
  const over = Array.from({ length: current - first }, (_, index) => first + index);
  const counts = (column: number) => over.map((step) => (gateway.past.has(step) ? countAt(asked, step, column) : null));
  const latencies = (column: number) => over.map((step) => shownMs(asked?.past.value(step, column) ?? null));
  const [requests = [], client = [], policy = [], ofProvider = [], ofGateway = []] = [0, 1, 2, 3, 4].map(counts);
  return {
    stepSeconds: STEP_MS / 1000,
    until: new Date(steps.beginsAtMs(current)).toISOString(),
    approximate: over.map((step) => history.isApproximate(step)),
    series: {
      requests,
      errors: { client, policy, provider: ofProvider, gateway: ofGateway },
      p50Ms: latencies(5),
      p99Ms: latencies(6),
      firstContentMs: latencies(7),
      inputTokens: counts(8),
      outputTokens: counts(9),
      usd: counts(10).map((nano) => nano && nano / NANO_PER_USD),
    },
  };
}

function expectKnown(kind: string, name: string, seen: Subjects<Subject>, configured: readonly string[]): void {
  if (seen.get(name) !== undefined || configured.includes(name)) return;
  const names = [...new Set([...configured, ...Array.from(seen.all, (subject) => subject.name)])];
  const rest = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '';
  const known = names.slice(0, MOST_LISTED).join(', ');
  throw new UnknownSubjectError(`there is no ${kind} ${JSON.stringify(name.slice(0, 100))}; there are ${known}${rest}`);
}

/** Nothing is counted of a subject in a step in which it was idle. */
function countAt(asked: Subject | undefined, step: number, column: number): number {
  return asked?.past.value(step, column) ?? 0;
}

/** The oldest step of the hour of which something is known; `current` if there is none. */
function oldest(gateway: Subject, current: number): number {
  let step = current - STEPS;
  while (step < current && !gateway.past.has(step)) step += 1;
  return step;
}
