/** What a request to the fake provider asks for, in no dialect: all that answers are made from. */

export type DialectName = 'openai' | 'anthropic';

export interface Ask {
  readonly model: string;
  readonly stream: boolean;
  /** OpenAI's `stream_options.include_usage`; Anthropic always reports usage. */
  readonly includeUsage: boolean;
  /** The last user message's text. */
  readonly prompt: string;
  /** Made up as a quarter of the text's length. */
  readonly promptTokens: number;
  /** The caller's limit; null for none. */
  readonly maxTokens: number | null;
  /** The tool to call; null for an answer in words. */
  readonly tool: { readonly name: string; readonly arguments: string } | null;
}
