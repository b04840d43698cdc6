/** Small parts of cells: a state with its dot, and the shares of errors by their owner. */
import { percent } from '../words/numbers.js';
import { element, setAttribute, setText, show } from './elements.js';

/** @typedef {'good' | 'warn' | 'bad' | 'none'} Tone */

/** Of errors, the worst for the operator first. */
export const owners = /** @type {const} */ (['provider', 'gateway', 'policy', 'client']);

/** A state; words and colour change in place. @param {Element} cell */
export function stateMark(cell) {
  const words = element('span');
  const mark = element('span', { class: 'state' }, element('span', { class: 'dot', 'aria-hidden': 'true' }), words);
  cell.append(mark);
  return (/** @type {Tone} */ tone, /** @type {string} */ text) => {
    setAttribute(mark, 'data-tone', tone);
    setText(words, text);
  };
}

/**
 * Shares of errors, a word for each owner that has any.
 *
 * @param {Element} cell
 */
export function errorShares(cell) {
  const none = element('span', { class: 'soft' });
  const parts = owners.map((owner) => ({ owner, node: element('span', { class: 'owner', 'data-owner': owner }) }));
  cell.append(none, ...parts.map(({ node }) => node));
  /** @param {Readonly<Record<typeof owners[number], number>> | null} shares null: there were no requests */
  return (shares) => {
    let any = false;
    for (const { owner, node } of parts) {
      const share = shares?.[owner] ?? 0;
      show(node, share > 0);
      if (share === 0) continue;
      any = true;
      setText(node, `${owner} ${percent(share)}`);
    }
    show(none, !any);
    setText(none, shares === null ? '–' : percent(0));
  };
}
