/**
 * Which provider a deployment of LiteLLM's is: its prefix (`groq/…`), its address and its credentials. Deployments with the
 * same of all of these are one provider.
 *
 * Prefixes and parameters as in https://docs.litellm.ai/docs/providers (November 2026).
 */
import { isDeepStrictEqual } from 'node:util';
import type { LitellmSource } from './source.ts';
import { isLiteral, LITERAL_KEY, reference, valueText } from './value-text.ts';

/** A provider's block. */
export type ProviderBlock = Readonly<Record<string, unknown>> & { readonly type: string };

/** LiteLLM's prefixes with our types. */
const typeByPrefix: Readonly<Record<string, string>> = {
  openai: 'openai',
  custom_openai: 'openai',
  openai_like: 'openai',
  litellm_proxy: 'openai',
  'text-completion-openai': 'openai',
  anthropic: 'anthropic',
  azure: 'azure',
  azure_ai: 'azure',
  gemini: 'gemini',
  vertex_ai: 'vertex',
  vertex_ai_beta: 'vertex',
  bedrock: 'bedrock',
  bedrock_converse: 'bedrock',
  groq: 'groq',
  mistral: 'mistral',
  deepseek: 'deepseek',
  xai: 'xai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
  openrouter: 'openrouter',
  cerebras: 'cerebras',
  perplexity: 'perplexity',
  nvidia_nim: 'nvidia',
  ollama: 'ollama',
  ollama_chat: 'ollama',
  hosted_vllm: 'vllm',
  vllm: 'vllm',
  lm_studio: 'lmstudio',
  llamafile: 'llamacpp',
};

/** Names without a prefix that LiteLLM knows by their beginning. */
const typeByName: readonly (readonly [RegExp, string])[] = [
  [/^(?:gpt-|o\d|chatgpt-|text-embedding-|dall-e|whisper|tts-|omni-moderation|codex-)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'vertex'],
  [/^mistral-/, 'mistral'],
];

/** Where LiteLLM looks for the key if a deployment has none. */
const usualKeys: Readonly<Record<string, string>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  azure: 'AZURE_API_KEY',
  gemini: 'GEMINI_API_KEY',
  groq: 'GROQ_API_KEY',
  mistral: 'MISTRAL_API_KEY',
  deepseek: 'DEEPSEEK_API_KEY',
  xai: 'XAI_API_KEY',
  together: 'TOGETHERAI_API_KEY',
  fireworks: 'FIREWORKS_AI_API_KEY',
  openrouter: 'OPENROUTER_API_KEY',
  cerebras: 'CEREBRAS_API_KEY',
  perplexity: 'PERPLEXITYAI_API_KEY',
  nvidia: 'NVIDIA_NIM_API_KEY',
};

/** Settings of types, by LiteLLM's names. */
const settingNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azure: {
    tenant_id: 'tenant_id',
    client_id: 'client_id',
    client_secret: 'client_secret',
    azure_scope: 'scope',
  },
  vertex: { vertex_project: 'project', vertex_location: 'location' },
  bedrock: {
    aws_region_name: 'region',
    aws_access_key_id: 'access_key_id',
    aws_secret_access_key: 'secret_access_key',
    aws_session_token: 'session_token',
    aws_profile_name: 'profile',
    aws_role_name: 'role_arn',
    aws_external_id: 'external_id',
  },
};

/** Where LiteLLM looks for settings that a deployment does not have. */
const usualSettings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vertex: { project: 'VERTEXAI_PROJECT', location: 'VERTEXAI_LOCATION' },
  bedrock: { region: 'AWS_REGION_NAME' },
};

/** What a deployment's `model` names. */
interface NamedModel {
  /** Of ours; null: LiteLLM has this provider, and Headgate does not. */
  readonly type: string | null;
  readonly prefix: string;
  /** The provider's own name of it. */
  readonly model: string;
}

/** Reads `groq/llama-3`, or a name alone. @param given `custom_llm_provider`, which goes before a prefix */
export function readModelName(name: string, given: string | undefined): NamedModel {
  const slash = name.indexOf('/');
  const prefix = given ?? (slash < 0 ? '' : name.slice(0, slash));
  const type = Object.hasOwn(typeByPrefix, prefix) ? typeByPrefix[prefix] : undefined;
  if (type === undefined) {
    const guessed = slash < 0 ? typeByName.find(([pattern]) => pattern.test(name))?.[1] : undefined;
    return { type: guessed ?? null, prefix, model: name };
  }
  const rest = name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : name;
  // Routes that LiteLLM chooses by a second part of the name; here they follow from the model.
  const model = type === 'bedrock' ? rest.replace(/^(?:converse|invoke|converse_like)\//, '') : rest;
  return { type, prefix, model: type === 'azure' ? model.replace(/^(?:responses|gpt5_series|o_series)\//, '') : model };
}

/** All providers of a file, by name. */
export class FoundProviders {
  readonly #source: LitellmSource;
  readonly #blocks = new Map<string, ProviderBlock>();

  constructor(source: LitellmSource) {
    this.#source = source;
  }

  /** By the names of the configuration. */
  get blocks(): Readonly<Record<string, ProviderBlock>> {
    return Object.fromEntries(this.#blocks);
  }

  /** The name of the provider that these parameters mean. @param at where the parameters stand */
  nameOf(type: string, at: readonly (string | number)[]): string {
    const block = this.#read(type, at);
    for (const [name, known] of this.#blocks) if (isDeepStrictEqual(known, block)) return name;
    let name = type;
    for (let number = 2; this.#blocks.has(name); number += 1) name = `${type}-${number}`;
    this.#blocks.set(name, block);
    return name;
  }

  #read(type: string, at: readonly (string | number)[]): ProviderBlock {
    const source = this.#source;
    const text = (name: string) => {
      const value = source.takeText(...at, name);
      return value === undefined ? undefined : valueText(value);
    };
    const block: Record<string, unknown> = { type };
    const base = text('api_base') ?? text('base_url');
    if (base !== undefined) block.base_url = base;
    const own = Object.entries(settingNames[type] ?? {});
    for (const [theirs, ours] of own) {
      const value = text(theirs);
      if (value !== undefined) block[ours] = value;
    }
    for (const [ours, variable] of Object.entries(usualSettings[type] ?? {})) block[ours] ??= reference(variable);
    if (type === 'azure') this.#readAzure(block, text('api_version'));
    if (type === 'vertex') {
      const credentials = text('vertex_credentials');
      if (credentials !== undefined) {
        block[credentials.trimStart().startsWith('{') ? 'credentials' : 'credentials_file'] = credentials;
      }
    }
    this.#readKey(
      type,
      block,
      at,
      own.some(([, ours]) => ours !== 'region' && block[ours] !== undefined),
    );
    const headers: Record<string, unknown> = {};
    const organization = text('organization');
    if (organization !== undefined) headers['OpenAI-Organization'] = organization;
    const extra = source.take(...at, 'extra_headers');
    if (typeof extra === 'object' && extra !== null) {
      for (const [name, value] of Object.entries(extra)) headers[name] = valueText(String(value));
    }
    if (Object.keys(headers).length > 0) block.headers = headers;
    return block as ProviderBlock;
  }

  /** A dated address; those of version 1 have no date here. */
  #readAzure(block: Record<string, unknown>, version: string | undefined): void {
    if (version !== undefined && !/^(?:v1|preview|latest)$/.test(version)) block.api_version = version;
    if (block.base_url === undefined) block.base_url = reference('AZURE_API_BASE');
  }

  #readKey(type: string, block: Record<string, unknown>, at: readonly (string | number)[], hasOthers: boolean): void {
    const key = this.#source.takeText(...at, 'api_key');
    if (key !== undefined) {
      block.api_key = valueText(key);
      if (isLiteral(key) && key.length > 8) {
        this.#source.leave([...at, 'api_key'], LITERAL_KEY);
      }
      return;
    }
    const usual = usualKeys[type];
    if (usual !== undefined && !hasOthers) block.api_key = reference(usual);
  }
}
