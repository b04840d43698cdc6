/**
 * What the verdict has in common with `deploy/alerts.yml`: the name of each alert, how severe it is, how long its condition
 * must hold, and every number in its expression. A test holds that both say the same. HeadgateDown is not here: whoever can
 * ask for the verdict sees that it is not down.
 */
import { EXPIRES_SOON_MS } from '../../shared/tls/server-certificate.ts';

export type Severity = 'page' | 'warn';

/** A comparison of an expression. */
type Bound = readonly [operator: '>' | '>=' | '<' | '==', value: number];

interface Alert {
  readonly severity: Severity;
  /** How long the condition must hold, in s. */
  readonly forSeconds: number;
  /** Every comparison of the expression. */
  readonly bounds: Readonly<Record<string, Bound>>;
  /** Every range of the expression, in s. */
  readonly ranges: Readonly<Record<string, number>>;
}

const MINUTE = 60;
const HOUR = 3_600;

/** In the order in which findings of the same severity are told: the worst first. */
export const alerts = {
  HeadgateNoWorkers: { severity: 'page', forSeconds: MINUTE, bounds: { workers: ['==', 0] }, ranges: {} },
  HeadgateErrors: {
    severity: 'page',
    forSeconds: MINUTE,
    bounds: { share: ['>', 0.05], failures: ['>=', 5], shareOfHour: ['>', 0.25], lately: ['>', 0] },
    ranges: { short: 5 * MINUTE, long: HOUR, lately: 15 * MINUTE },
  },
  HeadgateProviderRefusesKey: {
    severity: 'page',
    forSeconds: 0,
    bounds: { attempts: ['>', 0] },
    ranges: { attempts: 10 * MINUTE },
  },
  HeadgateCredentialsEnd: {
    severity: 'page',
    forSeconds: MINUTE,
    bounds: { secondsLeft: ['<', 120], failures: ['>', 0] },
    ranges: { failures: 10 * MINUTE },
  },
  HeadgateNoTarget: {
    severity: 'warn',
    forSeconds: 2 * MINUTE,
    bounds: { perSecond: ['>', 0.1] },
    ranges: { rejected: 5 * MINUTE },
  },
  HeadgateCircuitOpen: { severity: 'warn', forSeconds: 2 * MINUTE, bounds: { state: ['==', 1] }, ranges: {} },
  HeadgateTargetCircuitOpen: { severity: 'warn', forSeconds: 2 * MINUTE, bounds: { state: ['==', 1] }, ranges: {} },
  HeadgateOverload: {
    severity: 'warn',
    forSeconds: 5 * MINUTE,
    bounds: { perSecond: ['>', 0] },
    ranges: { rejected: 5 * MINUTE },
  },
  HeadgateModelUnavailable: {
    severity: 'warn',
    forSeconds: 0,
    bounds: { attempts: ['>', 0] },
    ranges: { attempts: 10 * MINUTE },
  },
  HeadgateProviderTimesOut: {
    severity: 'warn',
    forSeconds: 5 * MINUTE,
    bounds: { share: ['>', 0.1], attempts: ['>=', 5] },
    ranges: { attempts: 10 * MINUTE },
  },
  /** Half of the streams: a quantile of 0.5. 15 s is a bound of the metric's buckets. */
  HeadgateProviderSlow: {
    severity: 'warn',
    forSeconds: 5 * MINUTE,
    bounds: { seconds: ['>', 15], streams: ['>=', 10] },
    ranges: { streams: 10 * MINUTE },
  },
  HeadgateWorkersDie: {
    severity: 'warn',
    forSeconds: 0,
    bounds: { exits: ['>', 3] },
    ranges: { exits: 10 * MINUTE },
  },
  HeadgateWorkerStale: {
    severity: 'warn',
    forSeconds: 0,
    bounds: { ageSeconds: ['>', 20], ageOfKilled: ['>', 10], killed: ['>', 0] },
    ranges: { ages: 5 * MINUTE },
  },
  HeadgatePrimaryRestarts: {
    severity: 'warn',
    forSeconds: 0,
    bounds: { starts: ['>', 2] },
    ranges: { starts: 15 * MINUTE },
  },
  HeadgateStateUnwritable: { severity: 'warn', forSeconds: 5 * MINUTE, bounds: { writable: ['==', 0] }, ranges: {} },
  HeadgateConfigRefused: { severity: 'warn', forSeconds: 0, bounds: { successful: ['==', 0] }, ranges: {} },
  /** Of a provider of which other answers have a price: where none has one, there is nothing to miss. */
  HeadgateUnpriced: {
    severity: 'warn',
    forSeconds: 0,
    bounds: { answers: ['>=', 10], paid: ['>', 0] },
    ranges: { answers: HOUR },
  },
  HeadgateCertificateExpires: {
    severity: 'warn',
    forSeconds: 5 * MINUTE,
    bounds: { secondsLeft: ['<', EXPIRES_SOON_MS / 1000] },
    ranges: {},
  },
} as const satisfies Readonly<Record<string, Alert>>;

export type AlertName = keyof typeof alerts;

/** Whether a value is on the alert's side of a bound. */
export function holds(value: number, [operator, bound]: Bound): boolean {
  switch (operator) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '==':
      return value === bound;
    default:
      return operator satisfies never;
  }
}
