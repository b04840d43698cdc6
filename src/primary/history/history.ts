/**
 * The gateway's last hour, counted from the workers' events as they come:
 *
 *   event ─► counts of the present step ─► its end: eleven figures a subject ─► an hour of them, and a row on the disk
 *                     └─ the last six steps: traffic and verdict
 *
 * An event that is lost on its way (a full pipe, a primary that is gone) is in the ledger's totals, and `CatchUp` adds it to
 * the steps that lack it: these are `approximate`.
 */
import { errorOwners, errorTable } from '../../shared/errors.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import { FailureRuns } from './failure-runs.ts';
import { bucketOf } from './latency-buckets.ts';
import { addSums, type SubjectKind } from './ledger-counts.ts';
import { COLUMNS, type Figures, figuresOf, joined } from './past-steps.ts';
import { RecentAttempts } from './recent-attempts.ts';
import { RECENT, RecentCounts, type Sums } from './recent-counts.ts';
import { STEP_MS, STEPS, type Steps } from './steps.ts';
import { modelSubjects, type Subject, Subjects, subject, type TargetSubject, targetOf } from './subjects.ts';

/** A step as it is kept on the disk: the figures of all subjects that have any. */
export interface KeptStep {
  readonly gateway: Figures;
  readonly models: Readonly<Record<string, Figures>>;
  readonly providers: Readonly<Record<string, Figures>>;
  /** Whether something in it was not told when it happened: its counts are spread, its latencies are of the rest. */
  readonly approximate?: boolean;
}

/** A subject with what it is. */
interface Named extends Subject {
  readonly kind: SubjectKind;
}

/** The part of an event that says where it counts. */
interface Counted {
  readonly model: string;
  readonly provider: string;
  readonly upstreamModel?: string;
}

const codeOwners = new Map(Object.entries(errorTable).map(([code, { owner }]) => [code, errorOwners.indexOf(owner)]));

/** An error whose code is not told is the gateway's. */
const GATEWAY = errorOwners.indexOf('gateway');
const PROVIDER = errorOwners.indexOf('provider');

/** One per gateway. */
export class History {
  readonly steps: Steps;
  readonly gateway = subject('gateway');
  readonly models = modelSubjects();
  readonly providers = new Subjects(subject);
  readonly attempts = new RecentAttempts();
  readonly runs = new FailureRuns();
  /** What the steps that are over show, as totals. */
  readonly shown = new Map<string, number>();
  readonly #approximate = new Set<number>();
  /** Counts what belongs to no target. */
  readonly #nowhere = new RecentCounts();
  readonly #counted = [this.gateway.recent, this.#nowhere, this.#nowhere, this.#nowhere];
  #step: number;
  /** What a former primary has counted in the present step. */
  #carried: KeptStep | null = null;

  constructor(steps: Steps) {
    this.steps = steps;
    this.#step = steps.current;
  }

  /** Counts a worker's events. */
  count(events: readonly WorkerEvent[]): void {
    this.turn();
    const step = this.#step;
    for (const event of events) {
      if (event.type === 'request-ended') {
        const counted = this.#countedAt(event);
        if (event.status === 'success') {
          const bucket = bucketOf(event.seconds * 1000);
          for (const recent of counted) recent.answered(step, bucket);
          this.runs.answered(event.model);
        } else {
          const owner = codeOwners.get(event.code ?? '') ?? GATEWAY;
          for (const recent of counted) recent.failed(step, owner);
          if (owner === PROVIDER || owner === GATEWAY) {
            this.runs.failed(step, event.model, event.provider === UNKNOWN ? null : event.provider);
          }
        }
      } else if (event.type === 'tokens') {
        const { input = 0, output = 0, estimated = 0, estimated_input = 0 } = event.counts;
        for (const recent of this.#countedAt(event)) {
          recent.used(step, input + estimated_input, output + estimated, event.nanoUsd);
        }
      } else if (event.type === 'first-content') {
        const bucket = bucketOf(event.seconds * 1000);
        for (const recent of this.#countedAt(event)) recent.begun(step, bucket);
      } else if (event.type === 'attempt-ended') {
        this.attempts.count(step, event);
      }
    }
  }

  /** Ends the steps that are over. To be called at least once a step. */
  turn(): void {
    const { current } = this.steps;
    if (current === this.#step) return;
    const ended = this.#step;
    for (const each of this.named()) {
      const sums = each.recent.of(ended);
      addSums(this.shown, each.kind, each.name, sums);
      if (each.kind === 'gateway' || !isIdle(sums)) each.past.set(ended, figuresOf(sums));
    }
    if (this.#carried !== null) this.#put(ended, joinedSteps(this.kept(ended), this.#carried));
    this.#carried = null;
    // After a suspension, steps are skipped; nothing is known of them.
    const first = Math.max(ended + 1, current - RECENT + 1);
    for (let step = first; step <= current; step += 1) {
      for (const { recent } of this.#subjects()) recent.begin(step);
      this.attempts.begin(step);
      for (const { targets } of this.models.all) for (const { recent } of targets) recent.begin(step);
    }
    this.#step = current;
    for (const step of this.#approximate) if (step < current - STEPS) this.#approximate.delete(step);
    for (const kind of [this.models, this.providers, this.runs]) kind.forgetBefore(current - STEPS);
    for (const { targets } of this.models.all) removeIdle(targets);
  }

  /** The present step. */
  get step(): number {
    return this.#step;
  }

  /** How long the recent steps are together, in ms; less where this primary has not run for so long. */
  get recentMs(): number {
    return Math.min((RECENT - 1) * STEP_MS + this.steps.elapsedMs, this.steps.ageMs);
  }

  /** A step that is over, for the disk; null where nothing is known of it. */
  kept(step: number): KeptStep | null {
    const gateway = figuresAt(this.gateway, step);
    if (gateway === null) return null;
    return {
      gateway,
      models: figuresByName(this.models.all, step),
      providers: figuresByName(this.providers.all, step),
      ...(this.#approximate.has(step) ? { approximate: true } : {}),
    };
  }

  /** The present step so far, for the disk. */
  begun(): KeptStep {
    const [step, names] = [this.#step, { models: this.models, providers: this.providers }];
    const busy = (subjects: Iterable<Subject>) => {
      const sums = Array.from(subjects, ({ name, recent }) => [name, recent.of(step)] as const);
      return Object.fromEntries(sums.flatMap(([name, each]) => (isIdle(each) ? [] : [[name, figuresOf(each)]])));
    };
    const own = {
      gateway: figuresOf(this.gateway.recent.of(step)),
      models: busy(names.models.all),
      providers: busy(names.providers.all),
    };
    return this.#carried === null ? own : joinedSteps(own, this.#carried);
  }

  /** Takes what a former primary has counted in the present step: it is shown with the rest when that is over. */
  goOn(carried: KeptStep): void {
    this.#carried ??= carried;
  }

  /** Takes a step of a former primary. */
  restore(step: number, kept: KeptStep): void {
    if (step >= this.#step || step <= this.#step - STEPS || this.gateway.past.has(step)) return;
    this.#put(step, kept);
  }

  #put(step: number, { gateway, models, providers, approximate }: KeptStep): void {
    this.gateway.past.set(step, gateway);
    if (approximate === true) this.#approximate.add(step);
    for (const [name, figures] of Object.entries(models)) this.models.of(name).past.set(step, figures);
    for (const [name, figures] of Object.entries(providers)) this.providers.of(name).past.set(step, figures);
  }

  /** Adds to a step that is over what nobody has told when it happened. */
  add(step: number, kind: SubjectKind, name: string, figures: Figures): void {
    const subjects = kind === 'gateway' ? null : kind === 'model' ? this.models : this.providers;
    const { past } = subjects === null ? this.gateway : subjects.of(name);
    past.set(
      step,
      figures.map((figure, column) => sumOf(past.value(step, column), figure)),
    );
    if (!this.gateway.past.has(step)) this.gateway.past.set(step, figuresOf(noSums));
    this.#approximate.add(step);
  }

  /** Whether something was added to a step later. */
  isApproximate(step: number): boolean {
    return this.#approximate.has(step);
  }

  /** All subjects with their kinds. */
  *named(): Generator<Named> {
    yield { kind: 'gateway', name: '', recent: this.gateway.recent, past: this.gateway.past };
    for (const { name, recent, past } of this.models.all) yield { kind: 'model', name, recent, past };
    for (const { name, recent, past } of this.providers.all) yield { kind: 'provider', name, recent, past };
  }

  *#subjects(): Generator<Subject> {
    yield this.gateway;
    yield* this.models.all;
    yield* this.providers.all;
  }

  /** Where an event counts: the gateway, its model, its provider, its target. The list is the same one each time. */
  #countedAt({ model: name, provider, upstreamModel = name }: Counted): readonly RecentCounts[] {
    const model = this.models.of(name);
    const target = provider === UNKNOWN ? null : targetOf(model, provider, upstreamModel);
    this.#counted[1] = model.recent;
    this.#counted[2] = this.providers.of(provider).recent;
    this.#counted[3] = target === null ? this.#nowhere : target.recent;
    return this.#counted;
  }
}

/** The provider of requests that reached none. */
const UNKNOWN = 'unknown';

const noSums = new RecentCounts().all();
const none = figuresOf(noSums);

function sumOf(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0);
}

function isIdle({ requests, inputTokens, outputTokens, firstContentMs }: Sums): boolean {
  return requests === 0 && inputTokens === 0 && outputTokens === 0 && Number.isNaN(firstContentMs);
}

/** Targets that are asked no more make room for others. */
function removeIdle(targets: TargetSubject[]): void {
  for (let index = targets.length - 1; index >= 0; index -= 1) {
    if (targets[index]?.recent.isEmpty === true) targets.splice(index, 1);
  }
}

/** Two parts of one step. @param own null: nothing is known of it */
function joinedSteps(own: KeptStep | null, carried: KeptStep): KeptStep {
  if (own === null) return carried;
  const both = (one: KeptStep['models'], other: KeptStep['models']) => {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(names.map((name) => [name, joined(one[name] ?? none, other[name] ?? none)]));
  };
  return {
    gateway: joined(own.gateway, carried.gateway),
    models: both(own.models, carried.models),
    providers: both(own.providers, carried.providers),
    ...(own.approximate === true || carried.approximate === true ? { approximate: true } : {}),
  };
}

function figuresAt({ past }: Subject, step: number): Figures | null {
  return past.has(step) ? Array.from({ length: COLUMNS }, (_, column) => past.value(step, column)) : null;
}

function figuresByName(subjects: Iterable<Subject>, step: number): Record<string, Figures> {
  const entries: [string, Figures][] = [];
  for (const each of subjects) {
    const figures = figuresAt(each, step);
    if (figures !== null) entries.push([each.name, figures]);
  }
  return Object.fromEntries(entries);
}
