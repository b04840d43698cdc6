/**
 * Collects what of a request the neutral form does not have, each name once: targets of another dialect refuse it by name
 * or leave it out and say so. What only repeats the default is none.
 */
import type { Extension } from '../hub.ts';
import { RESPONSES } from './facts.ts';

/** Of one request. */
export class Extensions {
  readonly #found = new Map<string, Extension>();

  get all(): readonly Extension[] {
    return [...this.#found.values()];
  }

  /** What only this dialect has. @param refusal why a target without it must refuse; null if it may be left out */
  add(name: string, value: unknown, refusal: string | null = null): void {
    if (saysNothing(value)) return;
    if (this.#found.has(name) && refusal === null) return;
    this.#found.set(name, { of: RESPONSES, name, value, refusal });
  }

  /** What chat completions have too. @param at where the client wrote it */
  addOfChat(name: string, at: string, value: unknown, refusal: string | null = null): void {
    if (saysNothing(value)) return;
    this.#found.set(at, { of: 'openai-chat', name, value, refusal, ...(at === name ? {} : { at }) });
  }
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.values(value).every(saysNothing);
}
