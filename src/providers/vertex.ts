/**
 * Vertex AI, in a project of Google's cloud: Gemini in its own API, Claude in Anthropic's, and models under the name of their
 * publisher (`google/gemini-3.8-flash`, `meta/…`) in the compatible one too. The model's name says which. Sources:
 * docs.cloud.google.com/vertex-ai, and Anthropic's own SDK for Vertex.
 */
import { googleSettings } from './credentials/google/settings.ts';
import { generatePath } from './google-paths.ts';
import type { Provider, Settings } from './types.ts';

const EVERYWHERE = 'global';

const isOfGoogle = /^(?:google\/)?(?:gemini|gemma|learnlm)-/;
const isClaude = /^(?:anthropic\/)?claude-/;

function hostOf({ location = EVERYWHERE }: Settings): string {
  if (location === EVERYWHERE) return 'aiplatform.googleapis.com';
  // Several regions of one part of the world.
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

function placeOf({ project = '', location = EVERYWHERE }: Settings): string {
  return `/v1/projects/${encodeURIComponent(project)}/locations/${location}`;
}

/** In the project and location of its settings. */
export const vertex: Provider = {
  type: 'vertex',
  about: {
    name: 'Vertex AI',
    page: 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs',
    notes: [
      {
        text: 'What a model speaks is known by its name: Gemini its own API, Claude Anthropic’s, and `PUBLISHER/NAME` the compatible one.',
        source: 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude',
      },
    ],
  },
  baseUrl: (settings) => `https://${hostOf(settings)}`,
  settings: {
    project: {
      description: 'The id of the project in which models are used.',
      pattern: /^[a-z][a-z0-9.:-]{1,80}$|^\d{1,20}$/,
      expected: 'the id or the number of a project',
      required: true,
    },
    location: {
      description: 'A region such as `europe-west1`, `us` or `eu` for any region there, or `global`, the default.',
      pattern: /^[a-z][a-z0-9-]{1,40}$/,
      expected: 'a region, `us`, `eu` or `global`',
    },
    ...googleSettings,
  },
  needsKey: false,
  hasOneKey: true,
  // Without the file, a host of Google's would be served by whatever account it runs as.
  offer: {
    variables: [
      { name: 'GOOGLE_CLOUD_PROJECT', key: 'project', ambient: true },
      { name: 'GOOGLE_APPLICATION_CREDENTIALS', key: 'credentials_file' },
      { name: 'GOOGLE_CLOUD_LOCATION', key: 'location', optional: true, ambient: true },
    ],
    maxTokens: null,
  },
  modelList: null,
  pricedAs: 'google',
  dialects: {
    'gemini-generate': ({ model, stream, settings }) =>
      `${placeOf(settings)}/publishers/google/models/${generatePath(model.replace(/^google\//, ''), stream)}`,
    'anthropic-messages': ({ model, stream, settings }) => {
      const name = encodeURIComponent(model.replace(/^anthropic\//, ''));
      return `${placeOf(settings)}/publishers/anthropic/models/${name}:${stream ? 'streamRawPredict' : 'rawPredict'}`;
    },
    'openai-chat': ({ settings }) => `${placeOf(settings)}/endpoints/openapi/chat/completions`,
  },
  isSpokenBy: (dialect, model) => {
    if (dialect === 'gemini-generate') return isOfGoogle.test(model);
    if (dialect === 'anthropic-messages') return isClaude.test(model);
    return model.includes('/') && !isClaude.test(model);
  },
  // The version of Anthropic's API on Vertex stands in the body (its SDK for Vertex).
  inPlaceOfModel: { 'anthropic-messages': { name: 'anthropic_version', json: '"vertex-2023-10-16"' } },
  framing: 'sse',
  // A key is taken for a token that somebody else refreshes.
  credentials: ({ apiKey }) => (apiKey === '' ? 'google-token' : 'bearer'),
};
