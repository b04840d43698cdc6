/**
 * The ids of a request's tool calls, as Anthropic takes them: of letters, digits, `_` and `-`, and each once. A history may
 * hold calls of providers that allow more, that number the calls of each turn anew, or that give none.
 */

/** Of an id that is too long, so much stays: of a longer text, no more may be here (`wire/long-strings.ts`). */
const CUT_CHARACTERS = 40;

/** Of one request. */
export class ToolIds {
  readonly #longest: number;
  readonly #used = new Set<string>();
  /** By an id that is wanted again: the number behind the next one like it. */
  readonly #next = new Map<string, number>();
  /** By the client's id: its calls, and how many of them have got their result. */
  readonly #calls = new Map<string, { readonly made: string[]; ended: number }>();

  /** @param longest in characters, without the number that may stand behind; longer ones are cut. Default: any */
  constructor(longest = Number.POSITIVE_INFINITY) {
    this.#longest = longest;
  }

  /** The id of a call, in the order of the conversation. */
  ofCall(id: string): string {
    const made = this.#free(id);
    const calls = this.#calls.get(id);
    if (calls === undefined) this.#calls.set(id, { made: [made], ended: 0 });
    else calls.made.push(made);
    return made;
  }

  /** The id of the call that a result belongs to: the first that has none yet, else the last. */
  ofResult(id: string): string {
    const calls = this.#calls.get(id);
    if (calls === undefined) return this.#allowed(id);
    const at = Math.min(calls.ended, calls.made.length - 1);
    calls.ended = at + 1;
    return calls.made[at] ?? this.#allowed(id);
  }

  #free(id: string): string {
    const wanted = this.#allowed(id);
    let made = wanted;
    let count = this.#next.get(wanted) ?? 2;
    for (; this.#used.has(made); count += 1) made = `${wanted}_${count}`;
    if (made !== wanted) this.#next.set(wanted, count);
    this.#used.add(made);
    return made;
  }

  #allowed(id: string): string {
    const plain = id === '' ? 'call' : id.replace(/[^\w-]/g, '_');
    return plain.length > this.#longest ? plain.slice(0, CUT_CHARACTERS) : plain;
  }
}
