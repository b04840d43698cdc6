/**
 * What a deployment's `model` of LiteLLM's names: `groq/llama-3` is a model of Groq's. Pure.
 *
 * Prefixes as in https://docs.litellm.ai/docs/providers (November 2026).
 */
import { compatibles } from './compatible-services.ts';

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
  [/^(?:ft:)?(?:gpt-|o\d|chatgpt-|text-embedding-|dall-e|whisper|tts-|omni-moderation|codex-)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'vertex'],
  [/^mistral-/, 'mistral'],
  [/^deepseek-(?:chat|reasoner|coder)$/, 'deepseek'],
  [/^(?:(?:us|eu|apac|jp|au|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21)\.[a-z]/, 'bedrock'],
];

/** Second parts of a name by which LiteLLM chooses an API; here it follows from the model and the request. */
const routes: Readonly<Record<string, RegExp>> = {
  openai: /^responses\//,
  azure: /^(?:responses|gpt5_series|o_series)\//,
  bedrock: /^(?:converse|invoke|converse_like)\//,
};

/** A region of AWS before a model of Bedrock's. */
const REGION = /^([a-z]{2}(?:-[a-z]+){1,3}-\d)\//;

const FIREWORKS = 'accounts/fireworks/models/';

/** What a deployment's `model` names. */
export interface NamedModel {
  /** Of ours; null: LiteLLM has this provider, and Headgate does not. */
  readonly type: string | null;
  readonly prefix: string;
  /** The provider's own name of it. */
  readonly model: string;
  /** Of Bedrock, where it stands in the name. */
  readonly region?: string;
}

/** Reads `groq/llama-3`, or a name alone. @param given `custom_llm_provider`, which goes before a prefix */
export function readModelName(name: string, given: string | undefined): NamedModel {
  const slash = name.indexOf('/');
  const prefix = given ?? (slash < 0 ? '' : name.slice(0, slash));
  const type = typeOf(prefix);
  if (type === undefined) {
    const guessed = slash < 0 ? typeByName.find(([pattern]) => pattern.test(name))?.[1] : undefined;
    return { type: guessed ?? null, prefix, model: name };
  }
  const rest = name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : name;
  const model = rest.replace(routes[type] ?? /^$/, '');
  // LiteLLM writes short names of Fireworks out.
  if (type === 'fireworks' && !/[/#*]/.test(model)) return { type, prefix, model: FIREWORKS + model };
  const region = type === 'bedrock' ? REGION.exec(model)?.[1] : undefined;
  return region === undefined ? { type, prefix, model } : { type, prefix, model: model.replace(REGION, ''), region };
}

function typeOf(prefix: string): string | undefined {
  if (Object.hasOwn(typeByPrefix, prefix)) return typeByPrefix[prefix];
  return Object.hasOwn(compatibles, prefix) ? 'openai' : undefined;
}
