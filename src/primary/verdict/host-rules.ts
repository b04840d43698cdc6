/**
 * The rules of this gateway and its host. Pure. No worker, and a folder that cannot be written, are told after ten seconds:
 * a start takes a few, and the alerts wait for longer only because of it.
 */
import { localMoment } from '../../shared/local-time.ts';
import { alerts, holds } from './alerts.ts';
import { CURE_OF_OVERLOAD } from './cause-words.ts';
import type { Rule, Symptom } from './facts.ts';

const SOON_SECONDS = 10;

/** HeadgateNoWorkers. */
export const judgeWorkers: Rule = ({ servingWorkers }) => {
  if (!holds(servingWorkers, alerts.HeadgateNoWorkers.bounds.workers)) return [];
  const cure = 'Read why they end in the log, at `a worker died`; after a change or an upgrade, go back.';
  return [symptom((since) => `no worker serves ${since}`, cure, SOON_SECONDS)];
};

/** HeadgateOverload. */
export const judgeOverload: Rule = ({ counts }) => {
  const { bounds, ranges } = alerts.HeadgateOverload;
  if (!holds(counts.increase('rejected', 'overload', ranges.rejected) / ranges.rejected, bounds.perSecond)) return [];
  const told = symptom((since) => `requests are refused ${since}: there is no room for them`, CURE_OF_OVERLOAD);
  return [{ ...told, fault: () => 'overloaded' }];
};

/** HeadgateWorkersDie. */
export const judgeDeaths: Rule = ({ counts }) => {
  const { bounds, ranges } = alerts.HeadgateWorkersDie;
  const died = counts.increase('exits', 'crash', ranges.exits) + counts.increase('exits', 'signal', ranges.exits);
  if (!holds(died, bounds.exits)) return [];
  const cure = 'Read why in the log, at `a worker died`; SIGKILL without a message is mostly a lack of memory.';
  return [symptom((since) => `${died} workers died in ten minutes, ${since}`, cure)];
};

/** HeadgateWorkerStale: by the ages that scrapes have shown, and by how long a worker has sent nothing at all. */
export const judgeStaleWorkers: Rule = ({ counts }) => {
  const { bounds, ranges } = alerts.HeadgateWorkerStale;
  const wasKilled = holds(counts.increase('exits', 'signal', ranges.ages), bounds.killed);
  const bound = wasKilled ? bounds.ageOfKilled : bounds.ageSeconds;
  const [slot, ageSeconds] = [...counts.highest(ranges.ages)].reduce(
    (worst, each) => (each[1] > worst[1] ? each : worst),
    none,
  );
  if (!holds(ageSeconds, bound)) return [];
  const cure = 'Give the host CPU time if it is short of it; a worker that hangs is replaced by itself.';
  return [symptom((since) => `worker ${slot} said nothing for ${Math.round(ageSeconds)} s, ${since}`, cure)];
};

/** No worker was late. */
const none: readonly [slot: string, ageSeconds: number] = ['', 0];

/** HeadgatePrimaryRestarts. */
export const judgeRestarts: Rule = ({ primaryRestarts }) => {
  if (!holds(primaryRestarts, alerts.HeadgatePrimaryRestarts.bounds.starts)) return [];
  const cure = 'Read the last lines of the log before each start; `headgate check` finds faults of the configuration.';
  return [
    symptom((since) => `the primary was started ${primaryRestarts} times in a quarter of an hour, ${since}`, cure),
  ];
};

/** HeadgateStateUnwritable. */
export const judgeState: Rule = ({ stateWritable }) => {
  if (!holds(stateWritable ? 1 : 0, alerts.HeadgateStateUnwritable.bounds.writable)) return [];
  const cure = 'Free some space in state_dir, or correct the owner of the folder: `headgate check` says which.';
  return [symptom((since) => `state_dir cannot be written ${since}: a crash would lose counts`, cure, SOON_SECONDS)];
};

/** HeadgateConfigRefused. */
export const judgeConfig: Rule = ({ reloadRefusedAtMs: atMs, wallMs }) => {
  if (atMs === null || !holds(0, alerts.HeadgateConfigRefused.bounds.successful)) return [];
  const cure = 'Correct what `headgate check` names, and reload.';
  const at = localMoment(atMs, wallMs);
  const told = symptom(() => `the reload at ${at} was refused; the configuration before it stays in force`, cure);
  return [{ ...told, sinceMs: atMs }];
};

/** HeadgateCertificateExpires. */
export const judgeCertificates: Rule = ({ certificates }) => {
  const { secondsLeft: bound } = alerts.HeadgateCertificateExpires.bounds;
  const [worst] = certificates
    .filter(({ secondsLeft }) => holds(secondsLeft, bound))
    .sort((one, other) => one.secondsLeft - other.secondsLeft);
  if (worst === undefined) return [];
  const { port, secondsLeft } = worst;
  const state = secondsLeft <= 0 ? 'has expired' : 'expires within a week';
  const cure = `Renew the files of the ${port} port's certificate: /readyz says why those of now are not used, if so.`;
  return [symptom((since) => `the certificate of the ${port} port ${state}, seen ${since}`, cure, SOON_SECONDS)];
};

function symptom(sentence: (since: string) => string, cure: string, forSeconds?: number): Symptom {
  const common = { model: null, provider: null, sentence, cure: () => cure };
  return forSeconds === undefined ? common : { ...common, forSeconds };
}
