/**
 * Providers that speak the dialects of OpenAI, and some that of Anthropic, at an address of their own: what is to be known
 * of each, in one table. `type` and a key are a whole block; a server on this host needs no key.
 *
 * What servers have only since some version, or only a part of, is optional: it is spoken where the configuration lists it,
 * since chats that the gateway translates work with all versions. As of November 2026.
 */
import { localServer, type Preset, presetProvider } from './preset.ts';
import type { Provider } from './types.ts';

/** Of servers that count the limit of an answer only by its first name: by the other, it would have none. */
const OLD_LIMIT = { renamed: { max_completion_tokens: 'max_tokens' } } as const;

const services: readonly Preset[] = [
  {
    type: 'groq',
    name: 'Groq',
    page: 'https://console.groq.com/docs/openai',
    baseUrl: 'https://api.groq.com/openai/v1',
    variable: 'GROQ_API_KEY',
    pricedAs: 'groq',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-transcriptions': '/audio/transcriptions',
      'openai-translations': '/audio/translations',
      'openai-speech': '/audio/speech',
    },
    optionalDialects: { 'openai-responses': '/responses' },
    notes: [
      {
        text: 'Refuses `logprobs`, `logit_bias`, `top_logprobs`, `n` above 1 and names of messages.',
        source: 'https://console.groq.com/docs/openai',
      },
      {
        text: 'A model that calls a tool in a wrong form is a 400 (`tool_use_failed`): the request moves on to another target.',
        source: 'https://github.com/vercel/ai/issues/6916',
      },
    ],
  },
  {
    type: 'mistral',
    name: 'Mistral',
    page: 'https://docs.mistral.ai/api',
    baseUrl: 'https://api.mistral.ai/v1',
    variable: 'MISTRAL_API_KEY',
    pricedAs: 'mistral',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-embeddings': '/embeddings',
      'openai-moderations': '/moderations',
      'openai-transcriptions': '/audio/transcriptions',
    },
    fields: {
      'openai-chat': {
        leftOut: [
          ...['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier'],
          ...['service_tier', 'store', 'stream_options', 'user', 'verbosity'],
        ],
        renamed: { ...OLD_LIMIT.renamed, seed: 'random_seed' },
      },
    },
    countsUnasked: ['openai-chat'],
    notes: [
      {
        text: 'Refuses every field that it does not know (422 `extra_forbidden`): `max_completion_tokens` and `seed` get the names that it knows, and what means nothing for the answer is left out.',
        source: 'https://github.com/editor-code-assistant/eca/issues/231',
      },
      {
        text: 'Counts the tokens of streams unasked, and may refuse to be asked.',
        source: 'https://github.com/dnakov/anon-kode/issues/53',
      },
      {
        text: 'Ids of calls have nine letters and digits: translated requests get such ids.',
        source: 'https://github.com/nearai/ironclaw/issues/1241',
      },
      {
        text: 'Refuses thoughts in a history, such as those of another provider: it is asked again without them.',
        source: 'https://github.com/charmbracelet/crush/issues/1590',
      },
    ],
  },
  {
    type: 'deepseek',
    name: 'DeepSeek',
    page: 'https://api-docs.deepseek.com/',
    baseUrl: 'https://api.deepseek.com',
    variable: 'DEEPSEEK_API_KEY',
    pricedAs: 'deepseek',
    dialects: { 'openai-chat': '/chat/completions', 'anthropic-messages': '/anthropic/v1/messages' },
    credentials: { 'anthropic-messages': 'x-api-key' },
    fields: { 'openai-chat': OLD_LIMIT },
    notes: [
      {
        text: 'Reads over `max_completion_tokens`: it is sent as `max_tokens`.',
        source: 'https://github.com/agentscope-ai/agentscope/issues/2126',
      },
      {
        text: "Anthropic's API takes names that begin with `claude` for models of its own, and reads over what it does not support.",
        source: 'https://api-docs.deepseek.com/guides/anthropic_api',
      },
      {
        text: 'Answers 402 where the balance is used up: the target cools down.',
        source: 'https://api-docs.deepseek.com/quick_start/error_codes',
      },
    ],
  },
  {
    type: 'xai',
    name: 'xAI',
    page: 'https://docs.x.ai/api-reference',
    baseUrl: 'https://api.x.ai/v1',
    variable: 'XAI_API_KEY',
    pricedAs: 'x-ai',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-responses': '/responses',
      'openai-images': '/images/generations',
    },
    notes: [
      {
        text: 'Chat completions are an API of the past there: reasoning comes in responses alone.',
        source: 'https://docs.x.ai/developers/model-capabilities/text/comparison',
      },
      {
        text: 'Answers 403 or 429 where the credit or the monthly limit is used up: the target cools down.',
        source: 'https://github.com/warpdotdev/warp/issues/14867',
      },
    ],
  },
  {
    type: 'together',
    name: 'Together AI',
    page: 'https://docs.together.ai/docs/inference/openai-compatibility',
    baseUrl: 'https://api.together.ai/v1',
    variable: 'TOGETHER_API_KEY',
    pricedAs: 'together',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-completions': '/completions',
      'openai-embeddings': '/embeddings',
      'openai-images': '/images/generations',
      'openai-transcriptions': '/audio/transcriptions',
      'openai-translations': '/audio/translations',
      'openai-speech': '/audio/speech',
      rerank: '/rerank',
    },
    notes: [
      {
        text: 'Names of models have their maker before them, such as `openai/gpt-oss-20b`.',
        source: 'https://docs.together.ai/docs/inference/openai-compatibility',
      },
    ],
  },
  {
    type: 'fireworks',
    name: 'Fireworks AI',
    page: 'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    variable: 'FIREWORKS_API_KEY',
    pricedAs: 'fireworks',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-completions': '/completions',
      'openai-embeddings': '/embeddings',
      'anthropic-messages': '/messages',
      'openai-responses': '/responses',
    },
    notes: [
      {
        text: 'Names of models are paths: `accounts/fireworks/models/NAME`.',
        source: 'https://docs.fireworks.ai/tools-sdks/anthropic-compatibility',
      },
      {
        text: 'Answers 503 where a model has no room, and 429 for limits that adapt to the traffic of the last minutes.',
        source: 'https://docs.fireworks.ai/serverless/rate-limits',
      },
    ],
  },
  {
    type: 'openrouter',
    name: 'OpenRouter',
    page: 'https://openrouter.ai/docs/api-reference/overview',
    baseUrl: 'https://openrouter.ai/api/v1',
    variable: 'OPENROUTER_API_KEY',
    pricedAs: 'openrouter',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-completions': '/completions',
      'openai-embeddings': '/embeddings',
      'anthropic-messages': '/messages',
    },
    optionalDialects: { 'openai-responses': '/responses' },
    notes: [
      {
        text: 'Sends comments while a stream waits for its model, and errors inside of streams and of whole answers.',
        source: 'https://openrouter.ai/docs/api-reference/streaming',
      },
      {
        text: 'An error that names `provider_name` in its `metadata` is that of the provider behind it.',
        source: 'https://openrouter.ai/docs/api/reference/errors-and-debugging',
      },
    ],
  },
  {
    type: 'cerebras',
    name: 'Cerebras',
    page: 'https://inference-docs.cerebras.ai/resources/openai',
    baseUrl: 'https://api.cerebras.ai/v1',
    variable: 'CEREBRAS_API_KEY',
    pricedAs: 'cerebras',
    dialects: { 'openai-chat': '/chat/completions', 'openai-completions': '/completions' },
    notes: [
      {
        text: 'Answers 429 for a full queue as for a limit, told apart by `code` (`queue_exceeded`, `request_quota_exceeded`): none of them means that the account is used up.',
        source: 'https://github.com/explyt/explyt/issues/35',
      },
    ],
  },
  {
    type: 'perplexity',
    name: 'Perplexity',
    page: 'https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview',
    baseUrl: 'https://api.perplexity.ai/v1',
    variable: 'PERPLEXITY_API_KEY',
    pricedAs: 'perplexity',
    dialects: { 'openai-responses': '/responses' },
    notes: [
      {
        text: 'Its chat completions (Sonar) have ended on 2026-09-27: it is asked for responses, whatever clients speak.',
        source: 'https://www.truefoundry.com/docs/change-announcements/perplexity-agent-api-migration',
      },
      {
        text: 'Names of models have their maker before them, such as `perplexity/sonar`.',
        source: 'https://docs.perplexity.ai/docs/agent-api/models',
      },
    ],
  },
  {
    type: 'nvidia',
    name: 'NVIDIA NIM',
    page: 'https://docs.api.nvidia.com/nim/reference/llm-apis',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    variable: 'NVIDIA_API_KEY',
    dialects: {
      'openai-chat': '/chat/completions',
      'openai-completions': '/completions',
      'openai-embeddings': '/embeddings',
    },
    notes: [
      {
        text: 'Reranking has another address, with the model in its path.',
        source: 'https://docs.litellm.ai/docs/providers/nvidia_nim',
      },
    ],
  },
];

const localServers: readonly Preset[] = [
  {
    type: 'ollama',
    name: 'Ollama',
    page: 'https://docs.ollama.com/api/openai-compatibility',
    baseUrl: 'http://127.0.0.1:11434',
    address: 'OLLAMA_HOST',
    variable: 'OLLAMA_API_KEY',
    dialects: {
      'openai-chat': '/v1/chat/completions',
      'openai-completions': '/v1/completions',
      'openai-embeddings': '/v1/embeddings',
    },
    optionalDialects: {
      'openai-responses': '/v1/responses',
      'anthropic-messages': '/v1/messages',
      'openai-transcriptions': '/v1/audio/transcriptions',
    },
    fields: { 'openai-chat': OLD_LIMIT },
    notes: [
      {
        text: 'Reads over `max_completion_tokens`: it is sent as `max_tokens`.',
        source: 'https://github.com/ollama/ollama/blob/main/openai/openai.go',
      },
    ],
  },
  {
    type: 'vllm',
    name: 'vLLM',
    page: 'https://docs.vllm.ai/en/stable/serving/online_serving/',
    baseUrl: 'http://127.0.0.1:8000',
    address: 'VLLM_BASE_URL',
    variable: 'VLLM_API_KEY',
    dialects: {
      'openai-chat': '/v1/chat/completions',
      'openai-completions': '/v1/completions',
      'openai-embeddings': '/v1/embeddings',
      'openai-transcriptions': '/v1/audio/transcriptions',
      'openai-translations': '/v1/audio/translations',
      rerank: '/v1/rerank',
    },
    optionalDialects: {
      'openai-responses': '/v1/responses',
      'anthropic-messages': '/v1/messages',
      'anthropic-count-tokens': '/v1/messages/count_tokens',
    },
    notes: [
      {
        text: 'Its responses lack much of what Codex asks for.',
        source: 'https://github.com/vllm-project/vllm/issues/56285',
      },
    ],
  },
  {
    type: 'llamacpp',
    name: 'llama.cpp',
    page: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
    baseUrl: 'http://127.0.0.1:8080',
    address: 'LLAMACPP_BASE_URL',
    variable: 'LLAMACPP_API_KEY',
    dialects: {
      'openai-chat': '/v1/chat/completions',
      'openai-completions': '/v1/completions',
      'openai-embeddings': '/v1/embeddings',
      rerank: '/v1/rerank',
    },
    optionalDialects: {
      'openai-responses': '/v1/responses',
      'anthropic-messages': '/v1/messages',
      'anthropic-count-tokens': '/v1/messages/count_tokens',
    },
    notes: [
      {
        text: 'Its port is the one that the gateway itself has by default: one of them needs another.',
        source: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
      },
    ],
  },
  {
    type: 'lmstudio',
    name: 'LM Studio',
    page: 'https://lmstudio.ai/docs/api/openai-api',
    baseUrl: 'http://127.0.0.1:1234',
    address: 'LMSTUDIO_BASE_URL',
    variable: 'LM_API_TOKEN',
    dialects: {
      'openai-chat': '/v1/chat/completions',
      'openai-completions': '/v1/completions',
      'openai-embeddings': '/v1/embeddings',
    },
    optionalDialects: { 'openai-responses': '/v1/responses', 'anthropic-messages': '/v1/messages' },
    fields: { 'openai-chat': OLD_LIMIT },
    notes: [
      {
        text: 'Names `max_tokens` alone for the limit of an answer: it is sent so.',
        source: 'https://lmstudio.ai/docs/developer/openai-compat/chat-completions',
      },
    ],
  },
  {
    type: 'tgi',
    name: 'Text Generation Inference',
    page: 'https://huggingface.co/docs/text-generation-inference/messages_api',
    baseUrl: 'http://127.0.0.1:8080',
    address: 'TGI_BASE_URL',
    variable: 'TGI_API_KEY',
    dialects: { 'openai-chat': '/v1/chat/completions', 'openai-completions': '/v1/completions' },
    fields: { 'openai-chat': OLD_LIMIT },
    notes: [
      {
        text: "Its container's port is often mapped to the one that the gateway itself has by default: one of them needs another.",
        source: 'https://huggingface.co/docs/text-generation-inference/quicktour',
      },
    ],
  },
];

/** In the order in which the documentation names them. */
export const presets: readonly Provider[] = [...services.map(presetProvider), ...localServers.map(localServer)];
