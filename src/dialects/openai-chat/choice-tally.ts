/** Which choices of a stream of chunks have begun and ended, and whether it is one: the same for chats and completions. */
import type { JsonRecord } from '../../shared/json.ts';
import { checkNoOther } from './chunk.ts';
import { isFinishReason, reasonOf } from './facts.ts';

export class ChoiceTally {
  readonly #asked: number;
  /** `index` of each choice that has begun, and of each that has a finish reason. */
  readonly #begun = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #reason: string | null = null;
  /** Whether any event was a chunk, and any another object. */
  #sawChunks = false;
  #sawOthers = false;

  /** @param asked how many choices were asked for */
  constructor(asked: number) {
    this.#asked = asked;
  }

  /** Whether each choice that was asked for has its finish reason. */
  get whole(): boolean {
    return this.#finished.size >= this.#asked && this.#areFinished;
  }

  /** Whether each choice that has come has its finish reason. */
  get complete(): boolean {
    return this.#finished.size > 0 && this.#areFinished;
  }

  /** Of the first choice that gave one. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Whether there were objects, but no chunks. */
  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#sawChunks;
  }

  /** Takes an event that is no error. Throws `UnreadableAnswerError` for what begins a stream of another dialect. */
  takeEvent(chunk: JsonRecord): void {
    const isChunk = Array.isArray(chunk.choices);
    if (!isChunk && !this.#sawChunks) checkNoOther(chunk);
    this.#sawChunks ||= isChunk;
    this.#sawOthers ||= !isChunk;
  }

  /** Takes a piece of a choice. Whether it ends it. */
  takeChoice(choice: JsonRecord): boolean {
    this.#begun.add(choice.index);
    const isFinished = isFinishReason(choice.finish_reason);
    if (isFinished) this.#finished.add(choice.index);
    this.#reason ??= reasonOf(choice);
    return isFinished;
  }

  get #areFinished(): boolean {
    return this.#finished.size === this.#begun.size;
  }
}
