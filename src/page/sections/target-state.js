/** What the status says of a target, a provider or a key in a few words: used or left out, why, and for how long. Pure. */
import { duration, timeLeft } from '../words/times.js';

/** @typedef {{ tone: import('../dom/marks.js').Tone, text: string, isUsable: boolean, mayReset: boolean }} Shown */

/** @param {string | null} until */
const probe = (until) => (until === null ? '' : `, probe in ${timeLeft(until)}`);

/** @param {string} reason such as `rate_limit` */
const words = (reason) => reason.replaceAll('_', ' ').replaceAll('-', ' ');

/**
 * @param {any} status @param {string} provider @param {string} model the provider's name of it
 * @returns {Shown}
 */
export function targetState(status, provider, model) {
  const circuit = status.circuits.find((/** @type {any} */ each) => each.provider === provider);
  const target = status.targets.find((/** @type {any} */ each) => each.provider === provider && each.model === model);
  const credentials = status.credentials.find((/** @type {any} */ each) => each.provider === provider);
  if (credentials !== undefined && !credentials.usable)
    return { tone: 'bad', text: 'left out: no credentials', isUsable: false, mayReset: false };
  if (target?.state === 'open')
    return { tone: 'bad', text: `circuit open${probe(target.openUntil)}`, isUsable: false, mayReset: true };
  if (target?.barred)
    return {
      tone: 'bad',
      text: `left out: circuit of ${provider}${probe(circuit?.openUntil ?? null)}`,
      isUsable: false,
      mayReset: true,
    };
  const rest = status.rests.find(
    (/** @type {any} */ each) => each.provider === provider && (each.model === null || each.model === model),
  );
  if (rest !== undefined) {
    const left = duration(Math.ceil(rest.remainingMs / 1000));
    return {
      tone: 'warn',
      text: `cooling down, ${left} left (${words(rest.reason)})`,
      isUsable: false,
      mayReset: true,
    };
  }
  if (target?.state === 'half-open')
    return { tone: 'warn', text: 'circuit half-open, probing', isUsable: true, mayReset: true };
  return { tone: 'good', text: 'circuit closed', isUsable: true, mayReset: false };
}

/** @param {any} status @param {any} circuit @returns {Shown} */
export function providerState(status, circuit) {
  const { provider } = circuit;
  const credentials = status.credentials.find((/** @type {any} */ each) => each.provider === provider);
  if (credentials !== undefined && !credentials.usable)
    return {
      tone: 'bad',
      text: `no credentials: ${credentials.problem ?? 'they have ended'}`,
      isUsable: false,
      mayReset: true,
    };
  if (circuit.state === 'open')
    return { tone: 'bad', text: `circuit open${probe(circuit.openUntil)}`, isUsable: false, mayReset: true };
  if (circuit.state === 'half-open')
    return { tone: 'warn', text: 'circuit half-open, probing', isUsable: true, mayReset: true };
  const open = status.targets.filter(
    (/** @type {any} */ each) => each.provider === provider && each.state !== 'closed',
  );
  if (open.length > 0)
    return {
      tone: 'warn',
      text: `${open.length === 1 ? 'one target' : `${open.length} targets`} left out`,
      isUsable: true,
      mayReset: true,
    };
  if (circuit.resting) return { tone: 'warn', text: 'cooling down', isUsable: true, mayReset: true };
  const ends = credentials?.expiresAt ? `, credentials end in ${timeLeft(credentials.expiresAt)}` : '';
  return { tone: 'good', text: `circuit closed${ends}`, isUsable: true, mayReset: false };
}

/** @param {any} key @returns {Shown} */
export function keyState(key) {
  if (key.state === 'ready') return { tone: 'good', text: 'ready', isUsable: true, mayReset: false };
  const reasons = key.cooldowns.map(
    (/** @type {any} */ each) => `${each.model ?? 'all models'}: ${timeLeft(each.until)} left (${words(each.reason)})`,
  );
  return { tone: 'warn', text: `cooling down, ${reasons.join('; ')}`, isUsable: false, mayReset: true };
}
