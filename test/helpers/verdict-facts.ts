/** What the verdict judges by, as tests make it up: a gateway that is well, and what has been counted. */
import { type Counted, countOf } from '../../src/primary/verdict/alert-totals.ts';
import { AlertWindows } from '../../src/primary/verdict/alert-windows.ts';
import type { VerdictFacts } from '../../src/primary/verdict/facts.ts';
import { judge, type Ongoing, type Verdict } from '../../src/primary/verdict/verdict.ts';
import { localParts } from '../../src/shared/local-time.ts';
import { testConfig } from './test-config.ts';

/** Noon of a winter's day in the time of this host, so that no change of hours is near. */
export const NOON_MS = new Date(2030, 0, 15, 12, 0).getTime();

/** The offset of this host's time from UTC then, as times for people end. */
export const OFFSET = localParts(NOON_MS).offset;

const STEP_SECONDS = 10;

/** A gateway with the model `gpt-4` at `openai`, then at `anthropic`, in which time passes and things are counted. */
export class JudgedGateway {
  readonly windows = new AlertWindows(0);
  wallMs = NOON_MS;
  state: Partial<VerdictFacts> = {};
  /** What was found before; none: as if nothing had been judged. */
  ongoing: readonly Ongoing[] = [];

  /** Counts something in the present step. */
  count(counted: Counted, name: string, amount: number): void {
    this.windows.grow(countOf(counted, name), amount);
  }

  /** Time passes in which nothing is counted, to a step's beginning. */
  wait(seconds: number): void {
    this.wallMs += seconds * 1000;
    this.windows.begin(Math.floor((this.wallMs - NOON_MS) / 1000 / STEP_SECONDS));
  }

  /** Judges now, after what was judged before. */
  judged(): Verdict {
    const { verdict, ongoing } = judge(this.facts, this.ongoing);
    this.ongoing = ongoing;
    return verdict;
  }

  /** Judges every ten seconds for so long. */
  watched(seconds: number): Verdict {
    let verdict = this.judged();
    for (let passed = 0; passed < seconds; passed += STEP_SECONDS) {
      this.wait(STEP_SECONDS);
      verdict = this.judged();
    }
    return verdict;
  }

  get facts(): VerdictFacts {
    const providers = ['openai', 'anthropic'];
    const { models } = testConfig({ openai: 1, anthropic: 2 });
    return {
      wallMs: this.wallMs,
      counts: this.windows,
      recent: [],
      runs: [],
      alive: new Set(),
      answered: 0,
      attempts: { lastEnd: () => null },
      knowsLastMinute: true,
      failures: [],
      silent: [],
      models,
      secretsOf: () => ({ variables: [], hasOthers: true }),
      circuits: providers.map((provider) => ({ provider, state: 'closed' })),
      targets: Object.values(models).flatMap(({ targets }) =>
        targets.map(({ provider, model }) => ({ provider, model, state: 'closed' as const, barred: false })),
      ),
      rests: [],
      credentials: [],
      certificates: [],
      servingWorkers: 2,
      reloadRefusedAtMs: null,
      stateWritable: true,
      primaryRestarts: 0,
      ...this.state,
    };
  }
}
