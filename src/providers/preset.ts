/** Makes a provider of what the table of presets says of it. */
import type { FieldRules } from '../wire/field-rules.ts';
import type { CredentialsKind } from './credentials/types.ts';
import type { OfferedVariable, Provider } from './types.ts';

/** A line of the table. */
export interface Preset {
  readonly type: string;
  readonly name: string;
  /** Its documentation. */
  readonly page: string;
  readonly baseUrl: string;
  /** The variable that holds its key by custom. */
  readonly variable: string;
  /** Of a server on this host: the variable that holds its address by custom. */
  readonly address?: string;
  /** With their paths below the base URL, best first. */
  readonly dialects: Readonly<Record<string, string>>;
  readonly optionalDialects?: Readonly<Record<string, string>>;
  /** By dialect, where its key is not a bearer's. */
  readonly credentials?: Readonly<Record<string, CredentialsKind>>;
  readonly fields?: Readonly<Record<string, FieldRules>>;
  readonly countsUnasked?: readonly string[];
  readonly pricedAs?: string;
  readonly notes: Provider['about']['notes'];
}

/** A service: its address is known, and a key is needed. */
export function presetProvider(preset: Preset): Provider {
  const variables = [{ name: preset.variable, key: 'api_key' }];
  return { ...common(preset), needsKey: true, offer: { variables, maxTokens: null }, modelList: '/models' };
}

/** A server that people run themselves, on this host by default: offered only if a variable says its address. */
export function localServer(preset: Preset): Provider {
  const { address = '', variable } = preset;
  const variables: OfferedVariable[] = [
    { name: address, key: 'base_url', read: (value) => withScheme(value, preset.baseUrl) },
    { name: variable, key: 'api_key', optional: true },
  ];
  return {
    ...common(preset),
    rootOf: (baseUrl) => baseUrl.replace(/\/v1$/, ''),
    needsKey: false,
    offer: { variables, maxTokens: null },
    modelList: '/v1/models',
  };
}

function common(preset: Preset) {
  const { type, name, page, notes, baseUrl, dialects, credentials } = preset;
  const { optionalDialects, fields, countsUnasked, pricedAs } = preset;
  return {
    type,
    about: { name, page, notes },
    baseUrl,
    dialects,
    framing: 'sse',
    credentials: (_given, dialect) => credentials?.[dialect] ?? 'bearer',
    ...(optionalDialects === undefined ? {} : { optionalDialects }),
    ...(fields === undefined ? {} : { fields }),
    ...(countsUnasked === undefined ? {} : { countsUnasked }),
    ...(pricedAs === undefined ? {} : { pricedAs }),
  } satisfies Partial<Provider>;
}

/**
 * The address in a variable, which may be one to listen at: without a scheme, without a host or without a port, and on all
 * addresses (`0.0.0.0`), of which this host's own is asked.
 *
 * @param own what it has by default
 */
function withScheme(value: string, own: string): string {
  const text = value.trim();
  if (/^https?:\/\//i.test(text)) return text.replace(/^(https?:\/\/)(?:0\.0\.0\.0|\[::\])(?=[:/]|$)/i, '$1127.0.0.1');
  const { hostname, port } = new URL(own);
  const [, host = '', given = ''] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAny = host === '' || host === '0.0.0.0' || host === '[::]';
  return `http://${isAny ? hostname : host}:${given || port}`;
}
