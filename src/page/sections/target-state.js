/** What the status says of a target, a provider or a key in a few words: used or left out, why, and for how long. Pure. */
import { duration, timeLeft } from '../words/times.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @typedef {{ tone: import('../dom/marks.js').Tone, text: string, isUsable: boolean, mayReset: boolean }} Shown */

/** @param {string} text @returns {Shown} */
const good = (text) => ({ tone: 'good', text, isUsable: true, mayReset: false });
/** @param {string} text @returns {Shown} */
const warn = (text) => ({ tone: 'warn', text, isUsable: true, mayReset: true });
/** @param {string} text @returns {Shown} */
const cooling = (text) => ({ tone: 'warn', text: `cooling down, ${text}`, isUsable: false, mayReset: true });
/** @param {string} text @returns {Shown} */
const bad = (text) => ({ tone: 'bad', text, isUsable: false, mayReset: true });

const PROBING = 'circuit half-open, probing';

/** @param {string | null} until */
const probe = (until) => (until === null ? '' : `, probe in ${timeLeft(until)}`);

/** @param {string} reason such as `rate_limit` */
const words = (reason) => reason.replaceAll(/[_-]/g, ' ');

/**
 * Of a target.
 *
 * @param {Status} status @param {string} provider @param {string} model the provider's name of it
 */
export function targetState({ circuits, targets, credentials, rests }, provider, model) {
  const target = targets.find((each) => each.provider === provider && each.model === model);
  if (credentials.some((each) => each.provider === provider && !each.usable))
    return { ...bad('left out: no credentials'), mayReset: false };
  if (target?.state === 'open') return bad(`circuit open${probe(target.openUntil)}`);
  if (target?.barred) {
    const until = circuits.find((each) => each.provider === provider)?.openUntil ?? null;
    return bad(`left out: circuit of ${provider}${probe(until)}`);
  }
  const rest = rests.find((each) => each.provider === provider && (each.model === null || each.model === model));
  if (rest !== undefined)
    return cooling(`${duration(Math.ceil(rest.remainingMs / 1000))} left (${words(rest.reason)})`);
  return target?.state === 'half-open' ? warn(PROBING) : good('circuit closed');
}

/** Of a provider. @param {Status} status @param {Status['circuits'][number]} circuit */
export function providerState({ credentials, targets }, { provider, state, openUntil, resting }) {
  const own = credentials.find((each) => each.provider === provider);
  if (own?.usable === false) return bad(`no credentials: ${own.problem ?? 'they have ended'}`);
  if (state === 'open') return bad(`circuit open${probe(openUntil)}`);
  if (state === 'half-open') return warn(PROBING);
  const open = targets.filter((each) => each.provider === provider && each.state !== 'closed').length;
  if (open > 0) return warn(`${open === 1 ? 'one target' : `${open} targets`} left out`);
  if (resting) return warn('cooling down');
  return good(`circuit closed${own?.expiresAt ? `, credentials end in ${timeLeft(own.expiresAt)}` : ''}`);
}

/** Of a key. @param {Status['keys'][number]} key */
export function keyState({ state, cooldowns }) {
  if (state === 'ready') return good('ready');
  const reasons = cooldowns.map(
    ({ model, until, reason }) => `${model ?? 'all models'}: ${timeLeft(until)} left (${words(reason)})`,
  );
  return cooling(reasons.join('; '));
}
