/**
 * The models of a gateway with their targets as rows, worst first: by the level of what the verdict says of a model, then by
 * the part of its requests that fails, then those of which a target is left out; else in the order of the configuration, so
 * that rows move only when something changes for them. Pure.
 */
import type { Tone } from '../colour.ts';
import type { StatusAnswer } from '../status-answer.ts';

export interface Row {
  readonly name: string;
  readonly state: string;
  /** Share, requests/s, errors, p50, p99, first content, tokens/s. */
  readonly numbers: readonly string[];
  readonly tone: Tone;
}

type Target = StatusAnswer['models'][number]['targets'][number];
type Traffic = NonNullable<StatusAnswer['traffic']>;
type Figures = Pick<
  Traffic['models'][number],
  'requestsPerSecond' | 'errorShare' | 'p50Ms' | 'p99Ms' | 'firstContentMs' | 'outputTokensPerSecond'
>;

/** A row for each model, then one for each of its targets. @param wallMs now, since 1970 */
export function modelRows(status: StatusAnswer, wallMs: number): Row[] {
  const { models, verdict, traffic } = status;
  const judged = models.map((model) => {
    const findings = verdict?.findings.filter((finding) => finding.model === model.name) ?? [];
    const targets = model.targets.map((target) => targetRow(target, model.name, status, wallMs));
    const tone: Tone = findings.some(({ severity }) => severity === 'page')
      ? 'bad'
      : findings.length > 0 || targets.some((row) => row.tone !== 'plain')
        ? 'warn'
        : 'plain';
    const figures = traffic?.models.find((each) => each.model === model.name);
    const row: Row = { name: model.name, state: '', numbers: numbersOf(figures, ''), tone };
    const level = tone === 'bad' ? 0 : findings.length > 0 ? 1 : 2;
    // In steps, so that models that fail alike do not change places with every request.
    const failing = Math.round(errorsOf(figures) * FAILING_STEPS);
    return { level, failing, rest: tone === 'plain' ? 1 : 0, rows: [row, ...targets] };
  });
  // The sort is stable: models that are alike keep their order.
  return judged
    .toSorted((one, other) => one.level - other.level || other.failing - one.failing || one.rest - other.rest)
    .flatMap(({ rows }) => rows);
}

const FAILING_STEPS = 10;

/** The part of the requests that failed by a provider or the gateway, 0..1. */
function errorsOf(figures: Figures | undefined): number {
  const { provider = 0, gateway = 0 } = figures?.errorShare ?? {};
  return provider + gateway;
}

function targetRow(target: Target, model: string, status: StatusAnswer, wallMs: number): Row {
  const { provider } = target;
  const figures = status.traffic?.targets.find((each) => {
    return each.model === model && each.provider === provider && each.upstreamModel === target.model;
  });
  const share = figures === undefined ? '' : percent(figures.share);
  const { state, tone } = stateOf(target, status, wallMs);
  const attempts = status.traffic?.attempts.find((each) => {
    return each.provider === provider && each.upstreamModel === target.model;
  });
  const numbers = numbersOf(figures, share, attempts?.failedShare);
  return { name: `  ${provider}/${target.model}`, state, numbers, tone };
}

function stateOf({ provider, model }: Target, status: StatusAnswer, wallMs: number): Pick<Row, 'state' | 'tone'> {
  const lacks = status.credentials.some((each) => each.provider === provider && !each.usable);
  if (lacks) return { state: 'no key', tone: 'bad' };
  const own = status.targets.find((each) => each.provider === provider && each.model === model);
  const whole = status.circuits.find((each) => each.provider === provider);
  const circuit = own?.barred === true ? whole : own;
  if (circuit !== undefined && circuit.state !== 'closed') {
    const left = circuit.openUntil === null ? '' : ` ${secondsUntil(circuit.openUntil, wallMs)}`;
    return { state: `${circuit.state}${left}`, tone: circuit.state === 'open' ? 'bad' : 'warn' };
  }
  const rest = status.rests.find((each) => each.provider === provider && (each.model ?? model) === model);
  if (rest !== undefined) return { state: `cooling ${Math.ceil(rest.remainingMs / 1000)}s`, tone: 'warn' };
  return { state: 'closed', tone: 'plain' };
}

function secondsUntil(iso: string, wallMs: number): string {
  return `${Math.max(0, Math.ceil((Date.parse(iso) - wallMs) / 1000))}s`;
}

/** @param failing the part of the attempts that failed, though other targets may have answered */
function numbersOf(figures: Figures | undefined, share: string, failing = 0): string[] {
  if (figures === undefined) return failing === 0 ? [share] : [share, '', percent(failing)];
  const { requestsPerSecond, errorShare, p50Ms, p99Ms, firstContentMs, outputTokensPerSecond } = figures;
  const errors = Math.max(
    failing,
    Object.values(errorShare).reduce((sum, each) => sum + each, 0),
  );
  return [
    share,
    amount(requestsPerSecond),
    requestsPerSecond === 0 ? '' : percent(errors),
    ...[p50Ms, p99Ms, firstContentMs].map(latency),
    amount(outputTokensPerSecond),
  ];
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`;
}

function amount(value: number): string {
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function latency(ms: number | null): string {
  if (ms === null) return '';
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)}s`;
}
