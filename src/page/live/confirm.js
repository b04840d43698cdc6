/** Asks before what cannot be taken back, in a dialog of the browser's own: it holds the focus, and Escape says no. */
import { byId, setText } from '../dom/elements.js';

/**
 * Whether the answer is yes.
 *
 * @param {string} question @param {string} sentence what happens @param {string} yes the button's name
 * @returns {Promise<boolean>}
 */
export function confirmed(question, sentence, yes) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));
  setText(byId('confirm-question'), question);
  setText(byId('confirm-sentence'), sentence);
  setText(byId('confirm-yes'), yes);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
