/**
 * Agents of Node for requests that are not on the data path: they take the same way to a provider as its requests do. Each
 * connection is closed after its request.
 */
import http from 'node:http';
import https from 'node:https';
import { baseAddress } from './base-address.ts';
import { type ProxyRules, proxyFor } from './proxy-rules.ts';
import type { TlsConfig, Way } from './way.ts';

/** As got takes them. */
interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * The agents for a URL of a provider's: below its base URL, or elsewhere, such as a list of models. Its proxies hold for all,
 * its TLS and its socket for its base URL only.
 */
export function providerAgents({ baseUrl, proxy: rules, tls = {} }: Way, url: URL): Agents {
  const { origin, socketPath } = baseAddress(baseUrl);
  const isOwn = url.origin === origin;
  if (socketPath !== null && isOwn) {
    // Node's types do not list it, but its agents pass it on to the socket.
    return { http: new http.Agent({ socketPath } as http.AgentOptions), https: new https.Agent() };
  }
  return agentsBy(rules, url, isOwn ? tlsOptions(tls) : {});
}

/** The agents for a URL that is nobody's base URL, such as one for tokens. @param rules absent without a proxy */
export function proxyAgents(rules: ProxyRules | undefined, url: URL): Agents {
  return agentsBy(rules, url, {});
}

function agentsBy(rules: ProxyRules | undefined, url: URL, tls: https.AgentOptions): Agents {
  const proxy = rules === undefined ? null : proxyFor(rules, url);
  // An empty one: Node must not look into the environment by itself.
  const proxyEnv = proxy === null ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  return { http: new http.Agent({ proxyEnv }), https: new https.Agent({ proxyEnv, ...tls }) };
}

function tlsOptions({ serverName, ...parties }: TlsConfig): https.AgentOptions {
  return serverName === undefined ? parties : { ...parties, servername: serverName };
}
