/**
 * Amazon Bedrock. One address speaks four dialects, and which of them a model speaks is known by its name. Sources:
 * docs.aws.amazon.com/bedrock/latest/userguide, "APIs supported" and "API compatibility";
 * platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock. As of November 2026.
 */
import { awsSettings } from './credentials/aws/settings.ts';
import type { PathParts, Provider } from './types.ts';

/** Claude's models that came before Bedrock had Anthropic's own API: up to 4.6. */
const olderClaude = /claude-(?:v?[12]\b|3|instant|(?:opus|sonnet|haiku)-4(?:[-.][0-6])?(?!\d|[-.][7-9]))/;

/** Behind the region of a profile, or none: `us.openai.gpt-6-sol`. A name that hides its maker, such as an ARN, is none of these. */
const ofAnthropic = /^(?:[a-z-]+\.)?anthropic\.claude-/;
const ofOpenai = /^(?:[a-z-]+\.)?openai\./;
const ofOpenWeights = /\bopenai\.gpt-oss-/;

const speakers: Readonly<Record<string, (model: string) => boolean>> = {
  'anthropic-messages': (model) => ofAnthropic.test(model) && !olderClaude.test(model),
  'openai-chat': (model) => ofOpenai.test(model),
  'openai-responses': (model) => ofOpenai.test(model) && !ofOpenWeights.test(model),
};

function conversePath({ model, stream }: PathParts): string {
  return `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`;
}

/** In the region of the setting `region`. */
export const bedrock: Provider = {
  type: 'bedrock',
  about: {
    name: 'Amazon Bedrock',
    page: 'https://docs.aws.amazon.com/bedrock/latest/userguide/',
    notes: [
      {
        text: 'What a model speaks is known by its name; a name that hides its maker, such as an ARN, is asked by Converse.',
        source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/',
      },
    ],
  },
  baseUrl: ({ region }) => (region === undefined ? null : `https://bedrock-runtime.${region}.amazonaws.com`),
  settings: {
    region: {
      description: 'The region of AWS that is asked.',
      pattern: /^[a-z]{2}(?:-[a-z]{1,16}){1,3}-\d{1,2}$/,
      expected: 'a region of AWS, such as eu-central-1',
      required: true,
    },
    ...awsSettings,
  },
  // Without one, requests are signed.
  needsKey: false,
  offer: {
    variables: [
      { name: 'AWS_BEARER_TOKEN_BEDROCK', key: 'api_key' },
      { name: 'AWS_REGION', key: 'region', ambient: true },
    ],
    maxTokens: null,
  },
  pricedAs: 'aws',
  // Another API, at an address of its own.
  modelList: ({ region }) => `https://bedrock.${region}.amazonaws.com/foundation-models`,
  dialects: {
    'anthropic-messages': '/anthropic/v1/messages',
    'openai-chat': '/openai/v1/chat/completions',
    'openai-responses': '/openai/v1/responses',
    'bedrock-converse': conversePath,
  },
  isSpokenBy: (dialect, model) => speakers[dialect]?.(model) ?? true,
  framing: 'sse',
  framings: { 'bedrock-converse': 'aws-event-stream' },
  credentials: ({ apiKey }) => (apiKey === '' ? 'sigv4' : 'bearer'),
};
