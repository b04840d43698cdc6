/**
 * Keeps what a clean stop would cut off: the step that is not over, and the one before, which may not be on the disk yet. A
 * successor within the same ten seconds goes on with it. Nothing else is written for them, so they are handed on from one
 * clean stop to the next until their hour is over.
 */
import { atMost, type Clock } from '../../shared/clock.ts';
import { asArray, asRecord, parseJson } from '../../shared/json.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import type { History, KeptStep } from './history.ts';
import { COLUMNS, type Figures } from './past-steps.ts';
import { STEP_MS, STEPS } from './steps.ts';

/** The stop waits so long for them to be written. */
const LAST_MS = 2_000;

const NAME = 'unfinished steps';

interface UnfinishedStepsOptions {
  readonly history: History;
  /** The thread of the spend books. */
  readonly disk: {
    /** Resolves with why it could not be kept; null if it is. */
    keepText(name: string, text: string): Promise<string | null>;
    keptText(name: string): Promise<string | null>;
  };
  /** It speaks of a folder that cannot be written at all. */
  readonly ledger: { readonly writable: boolean };
  readonly clock: Clock;
  readonly log: Log;
}

interface Left {
  /** Since 1970, in ms. */
  readonly beginsAtMs: number;
  readonly figures: KeptStep;
}

/** One per gateway. */
export class UnfinishedSteps {
  readonly #options: UnfinishedStepsOptions;
  /** What former primaries have left; null until it is read. */
  #left: readonly Left[] | null = null;

  constructor(options: UnfinishedStepsOptions) {
    this.#options = options;
  }

  /** Takes what a former primary has left; to be called when history has what else was kept. It never rejects. */
  async start(): Promise<void> {
    const { history, disk, ledger, log } = this.#options;
    try {
      const left = readLeft(await disk.keptText(NAME));
      for (const { beginsAtMs, figures } of left) {
        const step = history.steps.at(beginsAtMs);
        history.turn();
        if (step === history.step) history.goOn(figures);
        else history.restore(step, figures);
      }
      this.#left = left;
    } catch (error) {
      if (ledger.writable) log.warn(errorFields(error), 'the last seconds before the stop are not in the history');
    }
  }

  /** Writes what is not over, unless the disk hangs; to be called when the last event has come. It never rejects. */
  async stop(): Promise<void> {
    await atMost(this.#options.clock, LAST_MS, this.#write());
  }

  async #write(): Promise<void> {
    const { history, disk, ledger, log } = this.#options;
    // What is there is not written over before it was read.
    if (this.#left === null) return;
    history.turn();
    const { step, steps } = history;
    const before = history.kept(step - 1);
    const own: Left[] = [
      ...(before === null ? [] : [{ beginsAtMs: steps.beginsAtMs(step - 1), figures: before }]),
      { beginsAtMs: steps.beginsAtMs(step), figures: history.begun() },
    ];
    const oldestMs = steps.beginsAtMs(step) - STEPS * STEP_MS;
    const others = this.#left.filter(({ beginsAtMs }) => {
      return beginsAtMs > oldestMs && own.every((each) => each.beginsAtMs !== beginsAtMs);
    });
    // A thread that cannot be made is thrown.
    const problem = await disk
      .keepText(NAME, JSON.stringify([...others, ...own]))
      .catch((error: unknown) => errorFields(error));
    if (problem !== null && ledger.writable) log.warn({ problem }, 'the last seconds of the history cannot be written');
  }
}

/** What another version may have written is left out where it is not as it should be. */
function readLeft(text: string | null): Left[] {
  return asArray(text === null ? null : parseJson(text)).flatMap((each) => {
    const { beginsAtMs, figures } = asRecord(each) ?? {};
    const step = keptStepIn(figures, figuresIn);
    return typeof beginsAtMs !== 'number' || step === null ? [] : [{ beginsAtMs, figures: step }];
  });
}

/**
 * A step that was kept, from what another version may have written; null if the gateway's own figures are none.
 *
 * @param figuresIn the figures of one subject; null if they are none: then it is left out
 */
export function keptStepIn(value: unknown, figuresIn: (value: unknown) => Figures | null): KeptStep | null {
  const { gateway, models, providers, approximate } = asRecord(value) ?? {};
  const ofGateway = figuresIn(gateway);
  if (ofGateway === null) return null;
  return {
    gateway: ofGateway,
    models: recordOf(models, figuresIn),
    providers: recordOf(providers, figuresIn),
    ...(approximate === true ? { approximate } : {}),
  };
}

/** What can be read of a mapping. */
export function recordOf<T>(value: unknown, read: (value: unknown) => T | null): Record<string, T> {
  const entries = Object.entries(asRecord(value) ?? {}).flatMap(([name, each]) => {
    const known = read(each);
    return known === null ? [] : [[name, known] as const];
  });
  return Object.fromEntries(entries);
}

function figuresIn(value: unknown): Figures | null {
  const figures = asArray(value).filter((each) => each === null || (typeof each === 'number' && each >= 0));
  return figures.length === COLUMNS && asArray(value).length === COLUMNS ? (figures as Figures) : null;
}
