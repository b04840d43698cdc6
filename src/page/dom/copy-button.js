/** A button that copies a text and says so. */
import { element, setText } from './elements.js';

const SAID_MS = 2_000;

/** Makes one. @param {string} name what the button does @param {() => string} textOf */
export function copyButton(name, textOf) {
  const words = element('span', { 'aria-live': 'polite' }, 'Copy');
  const button = element('button', { type: 'button', class: 'small copy', 'aria-label': name, title: name }, words);
  button.addEventListener('click', async () => {
    setText(words, (await copied(textOf())) ? 'Copied' : 'Not allowed');
    setTimeout(() => setText(words, 'Copy'), SAID_MS);
  });
  return button;
}

/** Browsers lend the clipboard only to secure pages; elsewhere the old command does. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.append(area);
    /** @type {HTMLTextAreaElement} */ (area).value = text;
    /** @type {HTMLTextAreaElement} */ (area).select();
    const done = document.execCommand('copy');
    area.remove();
    before?.focus();
    return done;
  }
}
