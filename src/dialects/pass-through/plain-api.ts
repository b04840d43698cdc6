/** What tells apart the APIs that take one JSON object, and whose answers are a list of something. */

export interface PlainApi {
  /** The dialect's. */
  readonly name: string;
  /** Fields without which every provider refuses a request, besides the model. */
  readonly required: readonly string[];
  /** The model that a request without one asks for, by the API's own rule; null: there is none. */
  readonly defaultModel: string | null;
  /** Whether a request may ask for a stream. */
  readonly streams: boolean;
  /** The field that holds the list, or those that do at one provider or another. */
  readonly lists: readonly string[];
  /** Whether it generates: else all tokens that a provider counts are the prompt's. */
  readonly generates: boolean;
}
