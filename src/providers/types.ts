/**
 * What a provider is: where a dialect is spoken. Its address, the dialects that it understands, how its streams are
 * framed and what kind of credentials it takes. What is said there is a dialect's (`src/dialects`). Pure: no sockets, no
 * clocks.
 */
import type { Framing } from '../wire/framing.ts';
import type { CredentialsKind } from './credentials/types.ts';

export interface Provider {
  /** The value of `type` in the configuration. */
  readonly type: string;
  /** Used where the configuration has no `base_url`; null: every account has an address of its own. */
  readonly baseUrl: string | null;
  /** Whether a request to that address must have a key. */
  readonly needsKey: boolean;
  /** What a key in the environment adds where there is no configuration; null for nothing. */
  readonly offer: Offer | null;
  /**
   * The dialects that it speaks, by name and best first, each with its path below the base URL. The client's own is taken
   * where it is among them.
   */
  readonly dialects: Readonly<Record<string, Path>>;
  /**
   * Those that it speaks at its own `baseUrl` only, and at hosts below that one's (`eu.api.openai.com`): what is compatible
   * with a provider rarely has all of its dialects. Elsewhere the configuration may name them. Only for the client's own.
   */
  readonly ownDialects?: Readonly<Record<string, Path>>;
  /** What comes with a dialect, by its name: further APIs, of which configurations say nothing. Only for the client's own. */
  readonly parts?: Readonly<Record<string, Readonly<Record<string, Path>>>>;
  /** What it stores for requests that name no model: asked for where the configuration says so (`passthrough`). */
  readonly stores?: Readonly<Record<string, Path>>;
  readonly framing: Framing;
  readonly credentials: CredentialsKind;
}

interface Offer {
  /** The variable that holds the key by custom. */
  readonly variable: string;
  /** A limit for targets whose dialect requires one; null for none. */
  readonly maxTokens: number | null;
  /** The provider's own names, newest first. */
  readonly models: readonly string[];
}

/** With its leading slash; a function where it names the model, by its name at the provider, or the form of the answer. */
type Path = string | ((model: string, stream: boolean) => string);
