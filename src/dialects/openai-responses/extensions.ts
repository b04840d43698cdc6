/** What of a request for a response the neutral form does not have. */
import { RequestExtensions, saysNothing } from '../request-extensions.ts';
import { RESPONSES } from './facts.ts';

/** Of one request. */
export class Extensions extends RequestExtensions {
  constructor() {
    super(RESPONSES, (_, value) => saysNothing(value));
  }

  /** What chat completions have too. @param at where the client wrote it */
  addOfChat(name: string, at: string, value: unknown, refusal: string | null = null): void {
    if (saysNothing(value)) return;
    this.found.set(at, { of: 'openai-chat', name, value, refusal, ...(at === name ? {} : { at }) });
  }
}
