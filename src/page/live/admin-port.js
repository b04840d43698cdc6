/**
 * The admin port, as the page asks it; an answer that could not be had is an error whose message is for people. Paths begin
 * where the page is, which a proxy may have put below a path of its own.
 */

/** @import { AdminActions } from '../../primary/admin/admin-actions.ts' */

/**
 * What is asked for, by its path.
 *
 * @typedef {{
 *   '/api/status': ReturnType<AdminActions['status']>,
 *   '/api/history': ReturnType<AdminActions['history']>,
 *   '/api/errors': ReturnType<AdminActions['failures']>,
 *   '/api/config': ReturnType<AdminActions['config']>,
 * }} Answers
 */

/**
 * Asks for JSON.
 *
 * @template {keyof Answers} Path
 * @param {Path} path
 * @param {string} [query] with its question mark
 * @returns {Promise<Answers[Path]>}
 */
export async function ask(path, query = '') {
  const answer = await granted(`${path}${query}`);
  return answer.json();
}

/** Sends a request; throws unless it is answered well. @param {string} path @param {RequestInit} [options] */
export async function granted(path, options) {
  const answer = await reach(path, options);
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** Sends a request; throws if there is no answer at all. @param {string} path @param {RequestInit} [options] */
export async function reach(path, options) {
  try {
    return await fetch(`.${path}`, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Error('the gateway does not answer; is it running, and this machine connected to it?');
  }
}

/** Why it was refused. @param {Response} answer */
export async function refusal(answer) {
  const text = await answer.text().catch(() => '');
  const message = messageIn(text);
  if (answer.status === 401 && message.startsWith('the admin token'))
    return new Error('the admin token is needed: load the page again and give it as the password');
  return new Error(message === '' ? `the gateway answered ${answer.status}` : message);
}

/** @param {string} text */
function messageIn(text) {
  try {
    /** @type {{ error?: { message?: unknown } } | null} */
    const answer = JSON.parse(text);
    const message = answer?.error?.message;
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
