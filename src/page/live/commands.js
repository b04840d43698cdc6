/** What the page can ask the gateway to do. Each ends with a sentence, also where it failed. */
import { byId, setAttribute, setText } from '../dom/elements.js';
import { clockTime } from '../words/times.js';
import { granted } from './admin-port.js';

/** @import { AdminActions } from '../../primary/admin/admin-actions.ts' */

/**
 * @typedef {object} Commands
 * @property {(provider: string) => Promise<void>} reset
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} roll
 */

/** Shows a sentence until the next one. @param {string} sentence @param {boolean} [isBad] */
function notice(sentence, isBad = false) {
  setAttribute(byId('notice'), 'data-tone', isBad ? 'bad' : 'good');
  setText(byId('notice-text'), sentence === '' ? '' : `${clockTime(Date.now())}  ${sentence}`);
  setAttribute(byId('notice'), 'data-empty', sentence === '');
}

/** @param {Awaited<ReturnType<AdminActions['reload']>>} reloaded */
function reloadWords({ version, changes, variables = [] }) {
  const old =
    variables.length === 0
      ? ''
      : ` (variables keep their values until the gateway is stopped and started: ${variables.join(', ')})`;
  const what = changes.length === 0 ? `nothing has changed${old}` : changes.join('; ');
  return `Configuration ${version} is in force: ${what}.`;
}

/**
 * The commands, as buttons give them.
 *
 * @param {() => Promise<void>} refresh asks for the status at once
 * @returns {Commands}
 */
export function commandsOf(refresh) {
  /** @param {string} path @param {string} failed @param {(answer: Response) => string | Promise<string>} done */
  const order = async (path, failed, done) => {
    try {
      notice(await done(await granted(path, { method: 'POST', headers: { 'x-headgate-asker': 'page' } })));
    } catch (error) {
      notice(`${failed}: ${/** @type {Error} */ (error).message}`, true);
    }
    // Where this fails, the state of the connection says so.
    await refresh().catch(() => {});
  };
  byId('notice-close').addEventListener('click', () => notice(''));
  return {
    reset: (provider) =>
      order(
        `/api/circuits/${encodeURIComponent(provider)}/reset`,
        `${provider} was not reset`,
        () => `${provider} is reset: its circuits are closed, its cooldowns ended.`,
      ),
    reload: () =>
      order('/api/reload', 'The configuration was not reloaded', async (answer) => reloadWords(await answer.json())),
    roll: () => {
      notice('Replacing workers …');
      return order('/api/restart', 'The workers were not all replaced', () => 'All workers were replaced.');
    },
  };
}
