/**
 * The ids of a request's tool calls, as Anthropic takes them: of letters, digits, `_` and `-`, and each once. A history may
 * hold calls of providers that allow more, that number the calls of each turn anew, or that give none.
 */
export class ToolIds {
  readonly #used = new Set<string>();
  /** By the client's id: calls without a result yet, and the last one that got its result. */
  readonly #calls = new Map<string, { readonly open: string[]; last: string }>();

  /** The id of a call, in the order of the conversation. */
  ofCall(id: string): string {
    const made = this.#free(id);
    const calls = this.#calls.get(id);
    if (calls === undefined) this.#calls.set(id, { open: [made], last: made });
    else calls.open.push(made);
    return made;
  }

  /** The id of the call that a result belongs to. */
  ofResult(id: string): string {
    const calls = this.#calls.get(id);
    if (calls === undefined) return allowed(id);
    calls.last = calls.open.shift() ?? calls.last;
    return calls.last;
  }

  #free(id: string): string {
    const wanted = allowed(id);
    let made = wanted;
    for (let count = 2; this.#used.has(made); count += 1) made = `${wanted}_${count}`;
    this.#used.add(made);
    return made;
  }
}

function allowed(id: string): string {
  return id === '' ? 'call' : id.replace(/[^\w-]/g, '_');
}
