/**
 * Requests for what a provider stores name no model. Their one target is the provider that the mark of an id names, with
 * the key that it names, or the one that the configuration names, with its first key: ids of files and batches have no
 * mark, and another key may not have what they name. The id and the query go on as they came.
 *
 * An id becomes a part of a path at the provider, so it may have nothing in it by which a path is read.
 */
import type { ModelConfig, ProviderConfig } from '../../../shared/config.ts';
import type { Whose } from '../../../shared/endpoints.ts';
import { GatewayError } from '../../../shared/errors.ts';
import { withoutTag } from '../../../wire/state-tag.ts';
import type { ActiveRequest } from '../active-request.ts';
import { Route } from './route.ts';
import { keeperByTag, stateKeepers } from './state-keepers.ts';

/** Ids of all providers look like this. */
const SANE_ID = /^\w[\w.:~-]{0,199}$/;

/** What a query may have in it (RFC 3986, 3.4), and no more. */
const SANE_QUERY = /^[\w.~!$&'()*+,;=:@/?%[\]-]*$/;

/** A target's configuration must stay the same object: its connections are found by it. */
const routes = new WeakMap<ProviderConfig, Map<Whose, ModelConfig>>();

/**
 * Finds the one target of a request, in the form of a model that has no name of its own. Throws `response_not_found`,
 * `unsupported_endpoint` (404) or `malformed_request` (400).
 */
export function routeToStore(request: ActiveRequest, whose: Whose): Route {
  const { endpoint, pathId, incoming } = request;
  const { id, tag } = withoutTag(decoded(pathId));
  if (pathId !== '' && !SANE_ID.test(id)) throw notFound(whose);
  const { provider, key } = whose === 'response' ? keeperOf(request, tag) : passedTo(request, whose);
  const [, query = ''] = splitOnce(incoming.url ?? '', '?');
  if (!SANE_QUERY.test(query)) throw new GatewayError('malformed_request', 'The query is no valid part of a URL.');
  const path = pathId === '' ? '' : `/${encodeURIComponent(id)}${endpoint.store?.afterId ?? ''}`;
  request.addressed(query === '' ? path : `${path}?${query}`);
  request.bound({ provider: provider.name, key, keptId: null, unavailable: null });
  const model = modelAt(provider, whose);
  request.routed(model, whose === 'response' && new URLSearchParams(query).get('stream') === 'true', null);
  return new Route(model, true);
}

/** Who is asked, with the name of the key. */
interface Asked {
  readonly provider: ProviderConfig;
  readonly key: string;
}

function keeperOf({ config, dialect }: ActiveRequest, tag: string | null): Asked {
  const keepers = stateKeepers(config, dialect.name);
  const keeper = keeperByTag(keepers, tag);
  if (keeper !== undefined) return { provider: keeper.provider, key: keeper.key.name };
  if (keepers.length === 0) {
    throw new GatewayError('response_not_found', 'The response is not found: no provider of this gateway keeps any.');
  }
  throw notFound('response');
}

function passedTo({ config }: ActiveRequest, whose: Exclude<Whose, 'response'>): Asked {
  const name = config.passthrough[whose];
  const provider = name === null ? undefined : config.providers[name];
  const [key] = provider?.keys ?? [];
  if (provider !== undefined && key !== undefined) return { provider, key: key.name };
  const cure = `Set passthrough.${whose} in the configuration to the name of the provider that has them.`;
  throw new GatewayError('unsupported_endpoint', `No provider is configured for ${whose}. ${cure}`);
}

function notFound(whose: Whose): GatewayError {
  if (whose === 'response') {
    return new GatewayError('response_not_found', 'The response is not found: no provider is known to keep it.');
  }
  return new GatewayError('malformed_request', `The path has no id as that of one of the ${whose} is.`);
}

const nameless = {
  name: 'other',
  aliases: [],
  defaults: [],
  drop: [],
  fallbacks: { context: [] },
  keepAliveAfterMs: null,
  balance: 'order',
  sessions: 'off',
} as const;

/** Its circuit is the provider's alone: nothing that happens here says anything of a model. */
function modelAt(provider: ProviderConfig, whose: Whose): ModelConfig {
  let known = routes.get(provider);
  if (known === undefined) {
    known = new Map();
    routes.set(provider, known);
  }
  let model = known.get(whose);
  if (model === undefined) {
    const target = {
      provider: provider.name,
      model: `(${whose})`,
      maxTokens: null,
      level: 0,
      weight: 1,
      timeouts: provider.timeouts,
    };
    model = { ...nameless, targets: [target] };
    known.set(whose, model);
  }
  return model;
}

function splitOnce(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new GatewayError('malformed_request', 'The path is no valid URL.', { cause });
  }
}
