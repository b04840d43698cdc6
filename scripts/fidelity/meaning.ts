/**
 * What a provider means by an answer, in words that no dialect owns: writers make each provider's bytes of it, and what a
 * client's official library has read is put into it again. Nothing of the gateway is used for either.
 */

/** A call of a tool; `id`: '' where the provider gives none, and any will do; `input`: the JSON text of its arguments, as the provider wrote it. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: string;
}

export interface Usage {
  /** Tokens of the prompt, those of the cache included. */
  readonly input: number;
  readonly output: number;
  /** Of the prompt, read from a cache and written to one. */
  readonly cached: number;
  readonly kept: number;
  readonly reasoning: number;
}

/** Why an answer ended. */
export type Finish = 'stop' | 'stop-sequence' | 'length' | 'calls' | 'refused' | 'other';

export interface Meaning {
  readonly reasoning: string;
  readonly text: string;
  /** With what words it refuses. */
  readonly refusal: string;
  readonly calls: readonly Call[];
  readonly finish: Finish;
  readonly usage: Usage;
}

/** The dialects that clients speak, and those of targets. */
export type Face = 'openai-chat' | 'anthropic-messages' | 'openai-responses';
export type Outbound = Face | 'bedrock-converse';

const usage: Usage = { input: 21, output: 13, cached: 8, kept: 0, reasoning: 0 };
const nothing = { finish: 'stop', usage } as const;

/** A piece of an answer, in the order in which it is said. */
export type Part =
  | { readonly type: 'reasoning' | 'text' | 'refusal'; readonly text: string }
  | { readonly type: 'call'; readonly call: Call };

/** What parts say together. */
export function meaning(parts: readonly Part[], rest: Partial<Pick<Meaning, 'finish' | 'usage'>> = {}): Meaning {
  const texts = (type: Part['type']) => parts.map((part) => (part.type === type && 'text' in part ? part.text : ''));
  return {
    ...nothing,
    reasoning: texts('reasoning').join(''),
    text: texts('text').join(''),
    refusal: texts('refusal').join(''),
    calls: parts.flatMap((part) => (part.type === 'call' ? part.call : [])),
    ...rest,
  };
}

/**
 * What a client may read of it. Anthropic and Bedrock have no field for the words of a refusal: there they are its text. Only
 * they say that a stop sequence was met. Bedrock counts no thoughts apart. Where arguments are a tree on the way, they are
 * compared as one.
 */
export function expected(said: Meaning, face: Face, outbound: Outbound): Meaning {
  const isOfBedrock = outbound === 'bedrock-converse';
  const isText = face === 'anthropic-messages' || outbound === 'anthropic-messages' || isOfBedrock;
  const words = isText ? { text: said.text + said.refusal, refusal: '' } : {};
  const toMessages = face === 'anthropic-messages' && (outbound === 'anthropic-messages' || isOfBedrock);
  const finish = said.finish === 'stop-sequence' && !toMessages ? 'stop' : said.finish;
  const counted = isOfBedrock ? { usage: { ...said.usage, reasoning: 0 } } : {};
  return { ...said, ...words, ...counted, finish };
}

/** Whether a client has read what was meant. @param hasUsage whether the tokens count too */
export function isSame(read: Meaning, { calls, ...rest }: Meaning, hasUsage: boolean): boolean {
  const named = calls.map((call, at) => ({ ...call, id: call.id || (read.calls[at]?.id ?? '') }));
  const meant = { ...rest, calls: named };
  return JSON.stringify(comparable(read, hasUsage)) === JSON.stringify(comparable(meant, hasUsage));
}

function comparable({ reasoning, text, refusal, calls, finish, usage: tokens }: Meaning, hasUsage: boolean): unknown[] {
  const counted = hasUsage ? [tokens.input, tokens.output, tokens.cached, tokens.kept, tokens.reasoning] : [];
  return [reasoning, text, refusal, calls.map(({ id, name, input }) => [id, name, input]), finish, ...counted];
}

/** How one differs from the other, for people. */
export function difference(read: Meaning, meant: Meaning): string {
  const short = (value: unknown) => (JSON.stringify(value) ?? '').slice(0, 300);
  const fields = ['reasoning', 'text', 'refusal', 'calls', 'finish', 'usage'] as const;
  const wrong = fields.filter((field) => JSON.stringify(read[field]) !== JSON.stringify(meant[field]));
  return wrong.map((field) => `${field}: read ${short(read[field])}, meant ${short(meant[field])}`).join('; ');
}
