/** A request to the fake provider, independent of the dialect. Answers are made from it alone. */

export type DialectName = 'openai' | 'anthropic' | 'bedrock';

export interface Ask {
  readonly model: string;
  readonly stream: boolean;
  /** OpenAI's `stream_options.include_usage`; the others always report usage. */
  readonly includeUsage: boolean;
  /** The last user message's text. */
  readonly prompt: string;
  /** An estimate: a quarter of the text's length. */
  readonly promptTokens: number;
  /** The client's token limit; null for none. */
  readonly maxTokens: number | null;
  /** The tool to call; null for an answer in text. */
  readonly tool: { readonly name: string; readonly arguments: string } | null;
}
