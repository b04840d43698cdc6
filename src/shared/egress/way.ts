/** By which way a provider is reached, as plain data. */
import type { ProxyRules } from './proxy-rules.ts';

/** The parties of a TLS connection to a provider, as PEM texts. */
export interface TlsConfig {
  /** Takes the place of the authorities that Node trusts. */
  readonly ca?: string;
  /** The certificate by which the gateway shows who it is, and the key for it: both or none. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the provider's certificate must be for; default: the host of its address. */
  readonly serverName?: string;
}

/** What a provider's configuration says of it. */
export interface Way {
  /** Of one of the two forms of `base-address.ts`, without a trailing slash. */
  readonly baseUrl: string;
  /** The proxies on the way; absent without any. */
  readonly proxy?: ProxyRules;
  /** Absent where Node's defaults hold. */
  readonly tls?: TlsConfig;
}
