/** Says in words why an answer of the admin port could not be had. */

/** What was asked for is not there: an older gateway. */
export class MissingRoute extends Error {}

/**
 * Asks the admin port for JSON. Throws an error whose message is for people.
 *
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function ask(path, options) {
  const answer = await reach(path, options);
  if (answer.ok) return answer.json();
  throw await refusal(answer, path);
}

/**
 * Sends a request; throws if there is no answer at all. Paths begin where the page is, which a proxy may have put below a
 * path of its own.
 *
 * @param {string} path from the root of the admin port
 * @param {RequestInit} [options]
 */
export async function reach(path, options) {
  try {
    return await fetch(`.${path}`, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Error('the gateway does not answer; is it running, and this machine connected to it?');
  }
}

/** @param {Response} answer @param {string} path @returns {Promise<Error>} */
export async function refusal(answer, path) {
  const text = await answer.text().catch(() => '');
  const message = messageIn(text);
  if (answer.status === 404 && message.startsWith('there is no '))
    return new MissingRoute(`this gateway is too old for that: it has no ${path.split('?')[0]}`);
  if (answer.status === 401 && message.startsWith('the admin token'))
    return new Error('the admin token is needed: load the page again and give it as the password');
  return new Error(message === '' ? `the gateway answered ${answer.status}` : message);
}

/** @param {string} text */
function messageIn(text) {
  try {
    const message = JSON.parse(text)?.error?.message;
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
