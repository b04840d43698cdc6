/** What a client asks for, in words that no dialect owns, and what a provider has read of it. */

export interface ToolWanted {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export type Turn =
  | { readonly by: 'user'; readonly text: string; readonly image?: string }
  | {
      readonly by: 'assistant';
      readonly text: string;
      readonly reasoning?: string;
      readonly calls?: readonly { readonly id: string; readonly name: string; readonly input: string }[];
    }
  | {
      readonly by: 'tools';
      readonly results: readonly { readonly id: string; readonly text: string; readonly image?: string }[];
    };

export interface Wanted {
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolWanted[];
  /** `auto`, `required`, `none`, or the name of a tool. */
  readonly choice: string;
  readonly parallel: boolean | null;
  /** Of the answer. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly limit: number;
  readonly stop: readonly string[];
}

/** A request of which only some is special. @param cell the number by which the provider knows what to answer */
export function wanted(cell: number, given: Partial<Wanted>): Wanted {
  const { turns = [{ by: 'user', text: 'Hello.' }] } = given;
  const marked: Turn = { by: 'user', text: `cell ${cell};` };
  return {
    system: 'Be brief.',
    tools: [],
    choice: 'auto',
    parallel: null,
    schema: null,
    limit: 1024,
    stop: [],
    ...given,
    turns: [...turns.slice(0, -1), joined(turns.at(-1), marked)],
  };
}

/** The last turn with the mark in its text: two turns of a user in a row are one to some providers. */
function joined(last: Turn | undefined, marked: Turn & { by: 'user' }): Turn {
  return last?.by === 'user' ? { ...last, text: `${last.text} ${marked.text}` } : marked;
}

/** What was said so far: a line for each text, image, call and result, in their order. */
export function linesOf(turns: readonly Turn[]): string[] {
  return turns.flatMap((turn) => {
    if (turn.by === 'tools') {
      const images = turn.results.flatMap(({ image }) => (image === undefined ? [] : [`user image ${image}`]));
      return [...turn.results.map(({ id, text }) => `result ${id} ${text}`), ...images];
    }
    if (turn.by === 'user') {
      return [`user ${turn.text}`, ...(turn.image === undefined ? [] : [`user image ${turn.image}`])];
    }
    return [
      ...(turn.reasoning === undefined ? [] : [`thought ${turn.reasoning}`]),
      ...(turn.text === '' ? [] : [`assistant ${turn.text}`]),
      ...(turn.calls ?? []).map(({ id, name, input }) => `call ${id} ${name} ${input}`),
    ];
  });
}

/** What a provider has read of a request. */
export interface ReadRequest {
  readonly system: string;
  readonly lines: readonly string[];
  readonly tools: readonly ToolWanted[];
  readonly choice: string;
  readonly parallel: boolean | null;
  readonly schema: unknown;
  readonly limit: number | null;
  readonly stop: readonly string[];
}

/** What a provider must have read. */
export function asRead({ turns, ...rest }: Wanted): ReadRequest {
  return { ...rest, lines: linesOf(turns) };
}
