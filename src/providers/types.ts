/**
 * What a provider is: where a dialect is spoken. Its address, the dialects that it understands, how its streams are
 * framed and what kind of credentials it takes. What is said there is a dialect's (`src/dialects`). Pure: no sockets, no
 * clocks.
 */
import type { FieldRules } from '../wire/field-rules.ts';
import type { Framing } from '../wire/framing.ts';
import type { CredentialsKind } from './credentials/types.ts';

export interface Provider {
  /** The value of `type` in the configuration. */
  readonly type: string;
  /** For the reference of providers. */
  readonly about: About;
  /**
   * Used where the configuration has no `base_url`; null: every account has an address of its own. A function where it
   * follows from settings, all of which have passed their checks; null from it: these settings do not say it.
   */
  readonly baseUrl: string | null | ((settings: Settings) => string | null);
  /**
   * Where all paths start, of an address that is configured: people copy addresses with a part of what the gateway adds
   * itself. Default: the address.
   *
   * @param baseUrl without a trailing slash
   */
  readonly rootOf?: (baseUrl: string) => string;
  /** What its block may have besides what all providers have, by the keys of the configuration file. Default: nothing. */
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Whether a request to that address must have a key. */
  readonly needsKey: boolean;
  /** Its key is the token of one account, of which several are of no use. Default: it may have several. */
  readonly hasOneKey?: true;
  /** What variables of the environment add where there is no configuration; null for nothing. */
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
  /** Those that only some versions of it have, or a part of: spoken where the configuration names them. */
  readonly optionalDialects?: Readonly<Record<string, Path>>;
  /** What comes with a dialect, by its name: further APIs, of which configurations say nothing. Only for the client's own. */
  readonly parts?: Readonly<Record<string, Readonly<Record<string, Path>>>>;
  /** What it stores for requests that name no model: asked for where the configuration says so (`passthrough`). */
  readonly stores?: Readonly<Record<string, Path>>;
  /** Whether a model is spoken of in a dialect of `dialects`, by its name at the provider. Default: every one in each. */
  readonly isSpokenBy?: (dialect: string, model: string) => boolean;
  /** What stands in a request's body where its model would, since the address names that. Default: the model, in all dialects. */
  readonly inPlaceOfModel?: Readonly<Record<string, BodyField>>;
  /**
   * Its id in the price list (genai-prices), where every account of this type is billed by that list. Without it the address
   * tells, and an address that the list does not know has no prices: many servers speak like OpenAI.
   */
  readonly pricedAs?: string;
  /** By dialect, the fields of a request that it does not know. Default: it knows all, or reads over them. */
  readonly fields?: Readonly<Record<string, FieldRules>>;
  /** Dialects whose streams bring token counts without being asked, and which may refuse to be asked. Default: none. */
  readonly countsUnasked?: readonly string[];
  /** Where it lists its models, with GET; null: nowhere that its credentials for requests can read. */
  readonly modelList: string | ((settings: Settings) => string) | null;
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
  /** The path of a file. Default: false. */
  readonly file?: true;
  /** What the value must match, and in words: completes "should be …". Default: any text that is not empty. */
  readonly pattern?: RegExp;
  readonly expected?: string;
  /** The block is refused without it. Default: false. */
  readonly required?: true;
  /** Another key of the block, without which this one says nothing: the block is refused. */
  readonly needs?: string;
  /** A word that may stand for the default. It is no secret. */
  readonly defaultWord?: string;
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

/** What people know it by. */
interface About {
  /** Its name. */
  readonly name: string;
  /** Its documentation. */
  readonly page: string;
  /** Where it differs from its dialects, as far as the gateway or its operator must know. */
  readonly notes: readonly Note[];
}

interface Note {
  /** A sentence. */
  readonly text: string;
  /** Where it is said, or was seen. */
  readonly source: string;
}

/** Its models are those of `models.ts`, and all others by a name behind its own: `groq/NAME`. */
interface Offer {
  /** Nothing is added unless all are set that are not optional. */
  readonly variables: readonly OfferedVariable[];
  /** A limit for targets whose dialect requires one; null for none. */
  readonly maxTokens: number | null;
}

/** A variable of the environment that fills a key of the provider's block. */
export interface OfferedVariable {
  /** By custom. */
  readonly name: string;
  /** `api_key`, `base_url` or one of its settings. */
  readonly key: string;
  readonly optional?: true;
  /** Other programs read it too: set alone, it does not mean this provider. Default: it does. */
  readonly ambient?: true;
  /** What the block gets of its value, which is no secret then. Default: the value. */
  readonly read?: (value: string) => string;
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
