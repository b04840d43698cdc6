/**
 * Who asks the gateway for something, as the status page and the commands say it of themselves. It is for the record alone:
 * nothing is allowed by it, and only words of this list are ever shown.
 */

/** Request header of the admin port. The page (`src/page/live/commands.js`) has it too. */
export const ASKER_HEADER = 'x-headgate-asker';

/** What they send, with the words for people; a command asks for nothing else that is recorded. */
export const askers: Readonly<Record<string, string>> = { page: 'the status page', command: '`headgate reload`' };
