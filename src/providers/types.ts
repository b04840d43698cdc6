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
  /**
   * Used where the configuration has no `base_url`; null: every account has an address of its own. A function where it
   * follows from settings, all of which have passed their checks; null from it: these settings do not say it.
   */
  readonly baseUrl: string | null | ((settings: Settings) => string | null);
  /** What its block may have besides what all providers have, by the keys of the configuration file. Default: nothing. */
  readonly settings?: Readonly<Record<string, Setting>>;
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
  /** Whether a model is spoken of in a dialect of `dialects`, by its name at the provider. Default: every one in each. */
  readonly isSpokenBy?: (dialect: string, model: string) => boolean;
  /** What stands in a request's body where its model would, since the address names that. Default: the model, in all dialects. */
  readonly inPlaceOfModel?: Readonly<Record<string, BodyField>>;
  readonly framing: Framing;
  /** By dialect, where a dialect's streams are framed otherwise. */
  readonly framings?: Readonly<Record<string, Framing>>;
  /** A function where it follows from what is configured, or from the dialect. */
  readonly credentials: CredentialsKind | ((given: GivenCredentials, dialect: string) => CredentialsKind);
}

/** Values of a provider's own settings by their keys; none is empty. */
export type Settings = Readonly<Record<string, string>>;

/** A setting that only one type of provider has: a text. */
interface Setting {
  /** For the reference; ends with a period. */
  readonly description: string;
  /** Never shown or logged, and part of the account. Default: false. */
  readonly secret?: true;
  /** What the value must match, and in words: completes "should be …". Default: any text that is not empty. */
  readonly pattern?: RegExp;
  readonly expected?: string;
  /** The block is refused without it. Default: false. */
  readonly required?: true;
}

/** What a configuration gives for credentials. */
export interface GivenCredentials {
  /** Empty for none. */
  readonly apiKey: string;
  readonly settings: Settings;
}

/** A field of a body. */
interface BodyField {
  readonly name: string;
  /** Its value as JSON. */
  readonly json: string;
}

interface Offer {
  /** The variable that holds the key by custom. */
  readonly variable: string;
  /** A limit for targets whose dialect requires one; null for none. */
  readonly maxTokens: number | null;
  /** The provider's own names, newest first. */
  readonly models: readonly string[];
}

/** What an address may name. */
export interface PathParts {
  /** By its name at the provider, as it is: a path that names it must encode it. */
  readonly model: string;
  /** Whether a stream is asked for. */
  readonly stream: boolean;
  readonly settings: Settings;
}

/** With its leading slash; a function where it depends on the request or on settings. */
type Path = string | ((parts: PathParts) => string);
