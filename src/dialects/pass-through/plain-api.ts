/** What tells apart the APIs that are passed through. */

export interface PlainApi {
  /** The dialect's. */
  readonly name: string;
  /** Whether its requests are text of which every token is paid. */
  readonly isPaidText: boolean;
  /** Fields without which every provider refuses a request, besides the model. */
  readonly required: readonly string[];
  /** The model that a request without one asks for, by the API's own rule; null: there is none. */
  readonly defaultModel: string | null;
  /** How a request asks for a stream: by `stream: true` or `stream_format: "sse"`; null: it cannot. */
  readonly streamBy: 'stream' | 'stream_format' | null;
  /** The field of an answer that holds its list, or those that do at one provider or another; null: it may be anything. */
  readonly lists: readonly string[] | null;
  /** What its output tokens are, if the provider does not say; null: all tokens that it counts are the prompt's. */
  readonly output: 'text' | 'image' | 'audio' | null;
}
