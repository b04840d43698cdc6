/**
 * Azure OpenAI, and Claude in Microsoft Foundry. Models are deployments, by the names that their owner gave them. Without
 * `api_version`, or with one that is no date, it is asked at the addresses of version 1, else at those of deployments.
 * Sources: learn.microsoft.com/azure/foundry/openai (`api-version-lifecycle`, `reference`); `AzureOpenAI` of the package
 * openai.
 */
import { entraSettings } from './credentials/entra/settings.ts';
import type { PathParts, Provider, Settings } from './types.ts';

/** What people copy behind the resource's host. */
const below = /\/(?:openai(?:\/v1|\/deployments(?:\/.*)?)?|anthropic(?:\/v1)?)$/;

/** Known by its name, which is the model's unless its owner gives it another. */
const isClaude = (deployment: string) => /claude/i.test(deployment);

const isDated = ({ api_version: version = '' }: Settings) => /^\d/.test(version);

/** An API that deployments have. @param path as OpenAI's own */
function deployed(path: string) {
  return ({ model, settings }: PathParts): string => {
    const { api_version: version } = settings;
    const query = version === undefined ? '' : `?api-version=${version}`;
    const start = isDated(settings) ? `/openai/deployments/${encodeURIComponent(model)}` : '/openai/v1';
    return start + path + query;
  };
}

/** By the name of a resource, or by its address. */
export const azure: Provider = {
  type: 'azure',
  about: {
    name: 'Azure OpenAI',
    page: 'https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle',
    notes: [
      {
        text: 'Models are names of deployments; those with `claude` in their name are asked by Anthropic’s API, which is at `https://RESOURCE.services.ai.azure.com`.',
        source: 'https://learn.microsoft.com/azure/foundry/foundry-models/how-to/use-foundry-models-claude',
      },
      {
        text: 'A prompt that its filter refuses is a 400 (`content_filter`), an answer ends by that reason; events with the verdict of a filter alone have no choice.',
        source: 'https://learn.microsoft.com/azure/foundry/openai/concepts/content-streaming',
      },
      {
        text: 'Lists the models that can be deployed, not the deployments.',
        source: 'https://learn.microsoft.com/answers/questions/1371786/get-azure-openai-deployments-in-api',
      },
    ],
  },
  baseUrl: ({ resource }) => (resource === undefined ? null : `https://${resource}.openai.azure.com`),
  rootOf: (baseUrl) => baseUrl.replace(below, ''),
  pricedAs: 'azure',
  settings: {
    resource: {
      description: 'The resource, in place of a `base_url`: `https://RESOURCE.openai.azure.com`.',
      pattern: /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/i,
      expected: 'the name of a resource: letters, digits and hyphens',
    },
    api_version: {
      description:
        'A dated version of the API, such as `2024-10-21`: each deployment then has an address of its own. Default: version 1 of the API, which has no date.',
      pattern: /^(?:\d{4}-\d{2}-\d{2}(?:-preview)?|preview|latest|v1)$/,
      expected: 'a version such as 2024-10-21, 2025-04-01-preview or preview',
    },
    ...entraSettings,
  },
  // An identity of Entra takes its place.
  needsKey: false,
  offer: {
    variables: [
      { name: 'AZURE_OPENAI_ENDPOINT', key: 'base_url' },
      { name: 'AZURE_OPENAI_API_KEY', key: 'api_key' },
      { name: 'OPENAI_API_VERSION', key: 'api_version', optional: true },
    ],
    maxTokens: null,
  },
  modelList: (settings) =>
    isDated(settings) ? `/openai/models?api-version=${settings.api_version}` : '/openai/v1/models',
  dialects: {
    'openai-chat': deployed('/chat/completions'),
    'openai-responses': '/openai/v1/responses',
    'anthropic-messages': '/anthropic/v1/messages',
    'openai-completions': deployed('/completions'),
    'openai-embeddings': deployed('/embeddings'),
    'openai-images': deployed('/images/generations'),
    'openai-image-edits': deployed('/images/edits'),
    'openai-transcriptions': deployed('/audio/transcriptions'),
    'openai-translations': deployed('/audio/translations'),
    'openai-speech': deployed('/audio/speech'),
  },
  parts: { 'openai-responses': { 'openai-stored-responses': '/openai/v1/responses' } },
  stores: {
    'openai-files': '/openai/v1/files',
    'openai-file-contents': '/openai/v1/files',
    'openai-batches': '/openai/v1/batches',
  },
  isSpokenBy: (dialect, model) => isClaude(model) === (dialect === 'anthropic-messages'),
  framing: 'sse',
  credentials: ({ apiKey }, dialect) => {
    if (apiKey === '') return 'entra-token';
    return dialect === 'anthropic-messages' ? 'x-api-key' : 'api-key';
  },
};
