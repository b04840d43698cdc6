/** The button that closes a provider's circuits and ends its cooldowns. */
import { element, show } from '../dom/elements.js';

/** @import { Commands } from '../live/commands.js' */

/**
 * Makes one.
 *
 * @param {string} provider
 * @param {Commands} commands
 */
export function resetButton(provider, commands) {
  const button = element(
    'button',
    { type: 'button', class: 'small', click: () => void commands.reset(provider) },
    `Reset ${provider}`,
  );
  return {
    button,
    /** It stays under a pointer and under the focus, so that nobody presses what has just gone. @param {boolean} isOffered */
    offer: (isOffered) => show(button, isOffered || document.activeElement === button || button.matches(':hover')),
  };
}
