/**
 * Servers of models on this host, found at their usual addresses. Only what proves itself is one: other programs listen at
 * 8080 and 8000 too, a gateway of ours among them.
 */
import { isDeepStrictEqual } from 'node:util';
import got, { RequestError } from 'got';
import { loadConfig } from '../../config/load.ts';
import { addressOf, providers } from '../../providers/registry.ts';
import type { ProviderConfig } from '../../shared/config.ts';
import { asArray, asRecord, parseJson } from '../../shared/json.ts';
import { counted } from '../counted.ts';
import { CommandError } from '../failures.ts';
import { canAskFor } from './config-text.ts';
import { type FoundProvider, nameOf } from './found-providers.ts';

/** What was found, and what was not taken. */
interface LocalServers {
  readonly found: readonly FoundProvider[];
  /** A line for each address at which something else answers. */
  readonly notes: readonly string[];
}

/** What a server says of itself: where to ask, and how its answer looks. */
interface Proof {
  readonly path: string;
  readonly isOwn: (answer: unknown) => boolean;
}

/** Of vLLM (ModelCard in its protocol) and llama.cpp (server-context.cpp): `owned_by` in the list of models. */
const owned = (owner: string): Proof => ({
  path: '/v1/models',
  isOwn: (answer) => asArray(asRecord(answer)?.data).some((model) => asRecord(model)?.owned_by === owner),
});

/** By type. */
const proofs: Readonly<Record<string, Proof>> = {
  ollama: {
    path: '/api/version',
    isOwn: (answer) => typeof asRecord(answer)?.version === 'string',
  },
  vllm: owned('vllm'),
  llamacpp: owned('llamacpp'),
  // Its own API: every model has a state, loaded or not.
  lmstudio: {
    path: '/api/v0/models',
    isOwn: (answer) =>
      Array.isArray(asRecord(answer)?.data) &&
      asArray(asRecord(answer)?.data).every((model) => typeof asRecord(model)?.state === 'string'),
  },
  tgi: { path: '/info', isOwn: (answer) => typeof asRecord(answer)?.model_id === 'string' },
};
/** A gateway of ours says hello without a key, which its list of models may ask for. */
const ourOwn: Proof = {
  path: '/api/hello',
  isOwn: (answer) => isDeepStrictEqual(answer, { message: 'hello' }),
};

/** Where a server of a type may be. */
interface Place {
  readonly type: string;
  readonly origin: string;
}

/** Asks everywhere at the same time, for three seconds at most. @param places by default the usual ones */
export async function localServers(places: readonly Place[] = usualPlaces()): Promise<LocalServers> {
  const local = places.flatMap((place) => {
    const proof = proofs[place.type];
    return proof === undefined ? [] : [{ ...place, proof }];
  });
  const asked = await Promise.all(local.map(async (each) => ({ ...each, server: await identified(each) })));
  const found = asked.flatMap(({ server }) => (typeof server === 'object' ? [server] : []));
  const others = Map.groupBy(asked, ({ origin }) => origin);
  const notes = [...others].flatMap(([origin, tries]) => {
    const isOurs = tries.some(({ server }) => server === 'headgate');
    if (tries.every(({ server }) => server === 'nobody') || tries.some(({ server }) => typeof server === 'object'))
      return [];
    if (isOurs) return [`a headgate answers at ${origin}: left out`];
    const names = tries.map(({ type }) => nameOf(type)).join(' or ');
    return tries.some(({ server }) => server === 'locked')
      ? [`what answers at ${origin} asks for a key: left out; if it is ${names}, write it into the file`]
      : [`something that is no ${names} answers at ${origin}: left out`];
  });
  return { found, notes };
}

/** `locked`: it tells nobody without a key what it is. */
type Identified = FoundProvider | 'nobody' | 'headgate' | 'locked' | 'another';

function usualPlaces(): Place[] {
  return providers.flatMap((provider) => {
    const url = provider.needsKey ? null : addressOf(provider, {});
    return url?.startsWith('http://127.0.0.1') === true ? [{ type: provider.type, origin: new URL(url).origin }] : [];
  });
}

async function identified({ type, origin, proof }: Place & { readonly proof: Proof }): Promise<Identified> {
  const answer = await answerAt(origin + proof.path);
  if (answer === null) return 'nobody';
  if (!proof.isOwn(answer.body)) {
    const said = await answerAt(origin + ourOwn.path);
    if (ourOwn.isOwn(said?.body)) return 'headgate';
    return answer.status === 401 ? 'locked' : 'another';
  }
  const { listModels } = await import('../model-list.ts');
  try {
    const listed = (await listModels(serverAt({ type, origin }))).map(({ id }) => id);
    const models = listed.filter(canAskFor);
    const odd = listed.length - models.length;
    const left = odd === 0 ? '' : `; ${counted(odd, 'model')} left out, whose name cannot stand in a file`;
    const because = `it answers at ${origin}${left}`;
    return { type, name: nameOf(type), maxTokens: null, settings: [], models, because };
  } catch (error) {
    // It has ended meanwhile, or lists nothing.
    if (error instanceof CommandError) return 'another';
    throw error;
  }
}

/** What is there, as JSON; null if nothing that speaks HTTP is. */
async function answerAt(url: string): Promise<{ readonly status: number; readonly body: unknown } | null> {
  const limits = { retry: { limit: 0 }, timeout: { connect: 1_000, request: 3_000 }, followRedirect: false } as const;
  try {
    const { statusCode: status, body } = await got(url, { ...limits, throwHttpErrors: false });
    return { status, body: parseJson(body) };
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** Such a provider, as a configuration has it. */
function serverAt({ type, origin }: Place): ProviderConfig {
  const block = { type, base_url: origin, timeouts: { connect: '1s', total: '3s' } };
  const input = { providers: { [type]: block }, models: { any: { targets: [{ provider: type, model: 'any' }] } } };
  // Such a gateway is not started: whichever port it has, a server here may have the same.
  const overrides = [{ flag: 'headgate init', path: ['server', 'port'], value: 0 }];
  const config = loadConfig({ source: { kind: 'object', name: 'headgate init', input }, overrides });
  const provider = config.providers[type];
  if (provider === undefined) throw new CommandError(`there is no provider of type ${type}`);
  return provider;
}
