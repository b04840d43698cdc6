/**
 * Asks a provider which models it has. The lists of all providers are read by one rule: they differ only in a few names,
 * and compatible servers mix them.
 */
import { RequestError } from 'got';
import { dialectOf } from '../dialects/registry.ts';
import { CredentialsError } from '../providers/credentials/fetching.ts';
import { addressOf, providerOf } from '../providers/registry.ts';
import type { ProviderConfig } from '../shared/config.ts';
import { addressInWords, baseAddress } from '../shared/egress/base-address.ts';
import { asRecord, asString, type JsonRecord, parseJson } from '../shared/json.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { askProvider } from './ask-provider.ts';
import { errorMessage } from './error-message.ts';
import { CommandError } from './failures.ts';

/** A model as its provider lists it. */
export interface ListedModel {
  readonly id: string;
  /** How many tokens it reads and writes, or reads, if the provider says so. */
  readonly contextTokens: number | null;
}

const NO_BODY = Buffer.alloc(0);

/** The models in the order of the provider. Rejects with `CommandError`, which names the place, the cause and the cure. */
export async function listModels(config: ProviderConfig): Promise<ListedModel[]> {
  const { name, type, baseUrl, settings } = config;
  const provider = providerOf(type);
  const { about, modelList } = provider;
  if (modelList === null)
    throw new CommandError(`${name}: a provider of type ${type} lists no models; see ${about.page}`);
  const path = typeof modelList === 'string' ? modelList : modelList(settings);
  if (!path.startsWith('/') && baseUrl !== addressOf(provider, settings)) {
    // The key is for that address, and not to be shown to another host.
    const why = `type ${type} lists its models at ${path}, which is not asked for a provider with a base_url of its own`;
    throw new CommandError(`${name}: ${why}; see ${about.page}`);
  }
  const { origin, prefix } = baseAddress(baseUrl);
  const url = path.startsWith('/') ? origin + prefix + path : path;
  const text = await answerOf(config, url);
  const models = readModelList(parseJson(text));
  if (models !== null) return models;
  throw new CommandError(`${name}: what ${url} answers is no list of models: check base_url`);
}

async function answerOf(config: ProviderConfig, url: string): Promise<string> {
  const { name, timeouts } = config;
  // Each of several keys would do: they are of one account, or see the same list.
  const apiKey = config.keys[0]?.key ?? '';
  const dialect = dialectOf(config.dialects[0] ?? '');
  const address = addressInWords(url);
  try {
    const asked = { method: 'GET', url, dialect, apiKey, body: NO_BODY, connectMs: timeouts.connectMs } as const;
    const { status, body } = await askProvider(config, asked);
    const text = body.toString('utf8');
    if (status === 200) return text;
    const cure = status === 401 || status === 403 ? 'check its key' : 'check base_url';
    // Some providers quote the key that they refuse.
    const redactor = new Redactor([apiKey, ...secretsIn(config)].filter((each) => each !== ''));
    const said = `${status} ${redactor.redact(explain(text))}`.trimEnd();
    throw new CommandError(`${name}: ${address} answers ${said}: ${cure}`);
  } catch (error) {
    if (error instanceof CredentialsError) throw new CommandError(`${name}: no credentials: ${error.message}`);
    if (!(error instanceof RequestError)) throw error;
    throw new CommandError(`${name}: no answer from ${address} (${error.code}): is it up, and is base_url right?`);
  }
}

/** The provider's own message, in one line of at most 200 characters. */
function explain(text: string): string {
  const body = parseJson(text);
  if (body === undefined) return 'with a body that is not JSON';
  return (errorMessage(body) ?? '').replace(/\s+/g, ' ').slice(0, 200);
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
