/**
 * The endpoints of the data port: a table with one line for each, and the search in it. Which methods a 405 names and
 * which paths a 404 lists follow from the table.
 *
 * Base URLs are written with and without `/v1`, and with a slash at their end or without. So slashes in a row count as
 * one, a slash at the end counts as none, and a path that is not in the table is looked for below `/v1`. Nothing else is
 * understood: dot segments and escapes are compared as they are written, and only what `{id}` stands for is decoded.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { clientDialectOf } from '../../dialects/registry.ts';
import { type Method, modelEndpoints, storeEndpoints } from '../../shared/endpoints.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import type { ActiveRequest } from '../request/active-request.ts';
import type { AskedEndpoint } from '../request/asked-endpoint.ts';
import type { PlaneState } from '../request/plane-state.ts';
import { serveRequest } from '../request/request.ts';
import { relayMetrics } from './metrics-relay.ts';
import { describeModel, health, hello, listModels, type PlainAnswer } from './plain-answers.ts';

/** Its requests go to a provider. They are counted, need a key where there are keys, and answer for themselves. */
interface CountedEndpoint extends AskedEndpoint {
  readonly method: Method;
  /** With `{id}` as that of a plain one. */
  readonly path: string;
  /** Checks key and body, and answers. Never rejects. */
  readonly serve: (request: ActiveRequest) => Promise<void>;
}

/** Needs no body, and is not counted. HEAD is answered like GET. */
interface PlainEndpoint {
  readonly method: Method;
  /** `{id}` stands for any text, slashes included, but for none. */
  readonly path: string;
  /** Whether a key is asked for, where there are keys. */
  readonly needsKey: boolean;
  /** The answer; throws a `GatewayError` for another one. `id` is decoded, and empty where the path has none. */
  readonly answer: (id: string, headers: IncomingHttpHeaders) => PlainAnswer | Promise<PlainAnswer>;
}

type Endpoint = CountedEndpoint | PlainEndpoint;

/** What a request asks for. */
export type Found =
  /** `id` is still escaped, and empty where the path has none. */
  | { readonly kind: 'counted'; readonly endpoint: CountedEndpoint; readonly id: string }
  | { readonly kind: 'plain'; readonly endpoint: PlainEndpoint; readonly id: string }
  /** `methods`: those that the path has, as `Allow` lists them. */
  | { readonly kind: 'other-method'; readonly path: string; readonly methods: string }
  /** `path` is null for a target that is no path of this server. */
  | { readonly kind: 'nothing'; readonly path: string | null };

const [hottest, ...others] = modelEndpoints;

/** What is asked for under a path that has no dialect, once for each dialect of the table. */
const elsewhere: readonly AskedEndpoint[] = modelEndpoints.map((each) => ({ ...askedAt(each), label: 'other' }));

/** What a client asks for under such a path: in the dialect by whose header it is known, else in the first. */
export function askedElsewhere(headers: IncomingHttpHeaders): AskedEndpoint {
  const known = elsewhere.find(
    ({ dialect: { clientMark } }) => clientMark !== null && headers[clientMark] !== undefined,
  );
  return known ?? { ...askedAt(hottest), label: 'other' };
}

/** All endpoints of a worker. Where two would match, the upper one does. */
export function createEndpoints(plane: PlaneState, init: WorkerInit): Endpoints {
  const { metricsPath } = init.config.server;
  const table: [CountedEndpoint, ...Endpoint[]] = [
    counted(hottest),
    ...others.map(counted),
    ...storeEndpoints.map(ofStore),
    { method: 'GET', path: '/v1/models', needsKey: true, answer: (_, headers) => listModels(plane.config, headers) },
    {
      method: 'GET',
      path: '/v1/models/{id}',
      needsKey: true,
      answer: (id, headers) => describeModel(plane.config, id, headers),
    },
    { method: 'GET', path: '/api/hello', needsKey: false, answer: hello },
    { method: 'GET', path: '/health', needsKey: false, answer: () => health(plane) },
  ];
  if (metricsPath !== null) {
    table.push({ method: 'GET', path: tidy(metricsPath), needsKey: true, answer: () => relayMetrics(init) });
  }
  return new Endpoints(table);
}

function counted(endpoint: (typeof modelEndpoints)[number]): CountedEndpoint {
  return { method: 'POST', path: endpoint.path, ...askedAt(endpoint), serve: serveRequest };
}

function askedAt(endpoint: (typeof modelEndpoints)[number]): AskedEndpoint {
  const { label, dialect, body } = endpoint;
  return { label, dialect: clientDialectOf(dialect), body, answersAtOnce: 'answersAtOnce' in endpoint, store: null };
}

function ofStore({ method, path, label, dialect, body, whose }: (typeof storeEndpoints)[number]): CountedEndpoint {
  const [, afterId = ''] = path.split('{id}');
  const store = { method, whose, afterId };
  const asked = { label, dialect: clientDialectOf(dialect), body, answersAtOnce: false, store };
  return { method, path, ...asked, serve: serveRequest };
}

/** A table in which endpoints are found, the hot one first. */
export class Endpoints {
  /** All of them in words, for those who ask for another. */
  readonly known: string;
  readonly #table: readonly Endpoint[];
  readonly #hotPath: string;
  readonly #hot: Found;

  constructor(table: readonly [CountedEndpoint, ...Endpoint[]]) {
    const [hot] = table;
    this.#table = table;
    this.#hotPath = hot.path;
    this.#hot = { kind: 'counted', endpoint: hot, id: '' };
    this.known = table.map(({ method, path }) => `${method} ${path}`).join(', ');
  }

  /** Finds the endpoint for a request line. The hot one, written as in the table, takes a comparison and no more. */
  find(method: string, target: string): Found {
    if (target === this.#hotPath && method === 'POST') return this.#hot;
    const path = pathOf(target);
    if (path === null) return { kind: 'nothing', path };
    return this.#at(path, method) ?? this.#at(`/v1${path}`, method) ?? { kind: 'nothing', path };
  }

  /** Null where there is no such path. */
  #at(path: string, method: string): Found | null {
    const methods: string[] = [];
    for (const endpoint of this.#table) {
      const id = idIn(endpoint.path, path);
      if (id === null) continue;
      const isCounted = 'serve' in endpoint;
      // A provider is not asked for a body of which only the head would be sent.
      const accepted = endpoint.method === 'GET' && !isCounted ? ['GET', 'HEAD'] : [endpoint.method];
      if (accepted.includes(method))
        return isCounted ? { kind: 'counted', endpoint, id } : { kind: 'plain', endpoint, id };
      methods.push(...accepted);
    }
    return methods.length === 0 ? null : { kind: 'other-method', path, methods: methods.join(', ') };
  }
}

/** What stands in a path for the `{id}` of a pattern, '' for a pattern without one; null if they do not match. */
function idIn(pattern: string, path: string): string | null {
  const [before = '', after] = pattern.split('{id}');
  if (after === undefined) return path === pattern ? '' : null;
  const isLongEnough = path.length > before.length + after.length;
  if (!isLongEnough || !path.startsWith(before) || !path.endsWith(after)) return null;
  return path.slice(before.length, path.length - after.length);
}

/**
 * The path of a request target, tidied. A proxy may send the absolute form (RFC 9112, 3.2.2), whose host is ignored;
 * null for any other scheme or form.
 */
function pathOf(target: string): string | null {
  const [whole = ''] = target.split('?', 1);
  const path = whole.startsWith('/') ? whole : /^https?:\/\/[^/#]+(\/.*)$/i.exec(whole)?.[1];
  return path === undefined ? null : tidy(path);
}

function tidy(path: string): string {
  const single = path.replace(/\/{2,}/g, '/');
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}
