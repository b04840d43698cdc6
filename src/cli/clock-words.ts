/** Times of a gateway's answers for people. Pure, but for the zone of the process. */
import { localClock, localTime } from '../shared/local-time.ts';

/** `14:02:03+01:00`; empty for none, and what is no time as it is. @param iso as an answer has it */
export function clockWords(iso: string | null): string {
  const ms = Date.parse(iso ?? '');
  return Number.isNaN(ms) ? (iso ?? '') : localClock(ms);
}

/** `2026-11-27 14:02:03+01:00`; what is no time as it is. @param iso as an answer has it */
export function timeWords(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? iso : localTime(ms);
}
