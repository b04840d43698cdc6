/** A client's official library, as far as the table needs it. */
import type { Meaning } from '../meaning.ts';
import type { Wanted } from '../wanted.ts';

/** What had come of a stream before its end, good or bad. */
export interface Seen {
  text: string;
}

export interface Answered {
  readonly read: Meaning;
  /** What the gateway says that it left out of the request. */
  readonly dropped: readonly string[];
}

/** Both reject where the library throws, and where the answer says that it failed. */
export interface FaceClient {
  plain(model: string, wanted: Wanted): Promise<Answered>;
  /** Texts and the words of a refusal are added to `seen` as they come. */
  stream(model: string, wanted: Wanted, seen: Seen): Promise<Meaning>;
}

/** How long a client waits: longer than any answer takes, so that a hang is told from an error. */
export const PATIENCE_MS = 45_000;

/** The names in the header that lists what was left out. */
export function droppedIn(headers: Headers): string[] {
  const list = headers.get('x-headgate-dropped-params') ?? '';
  return list.split(',').flatMap((name) => name.trim() || []);
}
