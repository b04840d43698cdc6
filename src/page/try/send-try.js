/** Sends a prompt through the gateway's data port, and tells of its answer while it comes. */
import { reach, refusal } from '../live/admin-port.js';
import { readEvents } from '../live/event-stream.js';
import { requestOf, textOf, wholeText } from './request-of.js';

/** What is kept of an answer as it came. */
const MOST_RAW = 64 * 1024;

/**
 * @typedef {object} TryAnswer
 * @property {string} text
 * @property {string} raw
 * @property {number | null} firstMs until its first content
 * @property {number | null} totalMs until its end; null before it
 * @property {number | null} status of HTTP; null before it
 * @property {string} problem
 * @property {Readonly<Record<string, string>>} headers those that say which way it took
 */

const shownHeaders = [
  'x-headgate-attempts',
  'x-headgate-provider',
  'x-request-id',
  'x-headgate-worker',
  'x-headgate-upstream-request-id',
];

/**
 * Sends it.
 *
 * @param {{ path: string, model: string, prompt: string, key: string }} asked
 * @param {AbortSignal} signal
 * @param {(answer: TryAnswer) => void} onChange
 * @returns {Promise<TryAnswer>} as it is at its end; never rejects
 */
export async function sendTry({ path, model, prompt, key }, signal, onChange) {
  const beganMs = performance.now();
  /** @type {TryAnswer} */
  const answer = { text: '', raw: '', firstMs: null, totalMs: null, status: null, problem: '', headers: {} };
  const sinceMs = () => performance.now() - beganMs;
  try {
    const body = JSON.stringify({ path, body: requestOf(path, model, prompt), ...(key === '' ? {} : { key }) });
    const response = await reach('/api/try', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal,
    });
    answer.status = response.status;
    answer.headers = Object.fromEntries(shownHeaders.map((name) => [name, response.headers.get(name) ?? '']));
    onChange(answer);
    if (!response.ok) throw await refusal(response);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (isStream && response.body !== null) await readStream(response.body, answer, sinceMs, onChange);
    else {
      answer.raw = await response.text();
      answer.text = wholeText(JSON.parse(answer.raw));
    }
  } catch (error) {
    if (signal.aborted) answer.problem = 'stopped by you';
    else answer.problem = error instanceof TypeError ? 'the answer broke off' : /** @type {Error} */ (error).message;
  }
  answer.totalMs = sinceMs();
  return answer;
}

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {TryAnswer} answer
 * @param {() => number} sinceMs @param {(answer: TryAnswer) => void} onChange
 */
async function readStream(body, answer, sinceMs, onChange) {
  await readEvents(
    body,
    ({ data }) => {
      if (data === '[DONE]') return;
      const { text, error } = textOf(JSON.parse(data));
      if (text !== '') answer.firstMs ??= sinceMs();
      answer.text += text;
      if (error !== null) answer.problem = error;
      onChange(answer);
    },
    (piece) => {
      if (answer.raw.length < MOST_RAW) answer.raw += piece.slice(0, MOST_RAW - answer.raw.length);
    },
  );
}
