/**
 * Asks a provider which models it has. The lists of all providers are read by one rule: they differ only in a few names,
 * and compatible servers mix them.
 */
import got, { RequestError } from 'got';
import { dialectOf } from '../dialects/registry.ts';
import { CredentialsError } from '../providers/credentials/fetching.ts';
import { credentialsFor, providerOf } from '../providers/registry.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig } from '../shared/config.ts';
import { asRecord, asString, type JsonRecord, parseJson } from '../shared/json.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { CommandError } from './failures.ts';
import { explain, fetchedFor, hostAndPort } from './live-check.ts';

/** A model as its provider lists it. */
export interface ListedModel {
  readonly id: string;
  /** How many tokens it reads and writes, or reads, if the provider says so. */
  readonly contextTokens: number | null;
}

const TIMEOUT_MS = 30_000;
const NO_BODY = Buffer.alloc(0);

/** The models in the order of the provider. Rejects with `CommandError`, which names the place, the cause and the cure. */
export async function listModels(config: ProviderConfig): Promise<ListedModel[]> {
  const { name, type, baseUrl, settings } = config;
  const { about, modelList } = providerOf(type);
  if (modelList === null)
    throw new CommandError(`${name}: a provider of type ${type} lists no models; see ${about.page}`);
  const path = typeof modelList === 'string' ? modelList : modelList(settings);
  const url = path.startsWith('/') ? baseUrl + path : path;
  const text = await answerOf(config, url);
  const models = readModelList(parseJson(text));
  if (models !== null) return models;
  throw new CommandError(`${name}: what ${url} answers is no list of models: check base_url`);
}

async function answerOf(config: ProviderConfig, url: string): Promise<string> {
  const { name, type, settings, timeouts } = config;
  // Each of several keys would do: they are of one account, or see the same list.
  const apiKey = config.keys[0]?.key ?? '';
  const [dialect = ''] = config.dialects;
  const headers = dialectOf(dialect).headers.sent(false);
  try {
    const secrets = { apiKey, settings, fetched: await fetchedFor(config) };
    const unsigned = { method: 'GET', url, headers, body: NO_BODY } as const;
    const proof = credentialsFor(providerOf(type), secrets, dialect).authorize(unsigned, secrets, systemClock.wallMs());
    const response = await got(url, {
      headers: { ...headers, ...proof },
      retry: { limit: 0 },
      timeout: { request: TIMEOUT_MS, connect: timeouts.connectMs },
      followRedirect: false,
      throwHttpErrors: false,
    });
    const { statusCode, body } = response;
    if (statusCode === 200) return body;
    const cure = statusCode === 401 || statusCode === 403 ? 'check its key' : 'check base_url';
    // Some providers quote the key that they refuse.
    const redactor = new Redactor([apiKey, ...secretsIn(config)].filter((each) => each !== ''));
    const said = `${statusCode} ${redactor.redact(explain(body))}`.trimEnd();
    throw new CommandError(`${name}: ${hostAndPort(url)} answers ${said}: ${cure}`);
  } catch (error) {
    if (error instanceof CredentialsError) throw new CommandError(`${name}: no credentials: ${error.message}`);
    if (!(error instanceof RequestError)) throw error;
    throw new CommandError(
      `${name}: no answer from ${hostAndPort(url)} (${error.code}): is it up, and is base_url right?`,
    );
  }
}

function secretsIn({ type, settings }: ProviderConfig): string[] {
  const { settings: own = {} } = providerOf(type);
  return Object.entries(settings).flatMap(([key, value]) => (own[key]?.secret === true ? value : []));
}

/** Under which the list stands, where it is not the whole answer. */
const listNames = ['data', 'models', 'modelSummaries'] as const;
/** Under which a model has its id; of Gemini's, behind `models/`. */
const idNames = ['id', 'modelId', 'name', 'model'] as const;
/** Of OpenRouter and Together, Groq, Mistral, vLLM, Anthropic, Gemini. */
const contextNames = [
  ...(['context_length', 'context_window', 'max_context_length', 'max_model_len'] as const),
  ...(['max_input_tokens', 'inputTokenLimit'] as const),
];

/** The models of a parsed list; null if it is none. */
export function readModelList(answer: unknown): ListedModel[] | null {
  const record = asRecord(answer);
  const list = Array.isArray(answer) ? answer : listNames.map((name) => record?.[name]).find(Array.isArray);
  if (!Array.isArray(list)) return null;
  return list.flatMap((value: unknown) => {
    const model = asRecord(value) ?? {};
    const id = idNames.map((name) => asString(model[name])).find(Boolean);
    return id ? [{ id: id.replace(/^models\//, ''), contextTokens: contextOf(model) }] : [];
  });
}

function contextOf(model: JsonRecord): number | null {
  for (const value of [...contextNames.map((name) => model[name]), asRecord(model.meta)?.n_ctx_train]) {
    if (typeof value === 'number' && value > 0) return value;
  }
  return null;
}
