/**
 * Models that providers serve, by type: what a key in the environment makes available under their own names, and which of
 * them end. Of brokers and catalogues, which have hundreds that change by the week, none are listed here: their names are
 * asked for behind the provider's own (`openrouter/NAME`), and `headgate models` lists them.
 */

interface KnownModels {
  /** The page that they come from. */
  readonly page: string;
  /** The day of the look. */
  readonly asOf: string;
  /** By the provider's own names, newest first: what was served on that day. */
  readonly served: readonly string[];
  /** The days on which models end, or have ended. */
  readonly ends?: Readonly<Record<string, string>>;
}

const AS_OF = '2026-11-27';

/** By type. Of types that are not here, none is known. */
export const knownModels: Readonly<Record<string, KnownModels>> = {
  openai: {
    page: 'https://developers.openai.com/api/docs/deprecations',
    asOf: AS_OF,
    served: [
      'gpt-6.1-sol',
      'gpt-6.1-terra',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.5',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.2',
      'gpt-5.1',
      'gpt-5',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-4.1',
      'gpt-4.1-mini',
      'gpt-4o',
      'gpt-4o-mini',
      'o3',
    ],
    ends: {
      'gpt-3.5-turbo': '2026-10-23',
      'gpt-4': '2026-10-23',
      'gpt-4-turbo': '2026-10-23',
      'gpt-4.1-nano': '2026-10-23',
      o1: '2026-10-23',
      'o1-pro': '2026-10-23',
      'o3-mini': '2026-10-23',
      'o4-mini': '2026-10-23',
      'gpt-5': '2026-12-11',
      'gpt-5-mini': '2026-12-11',
      'gpt-5-nano': '2026-12-11',
      'gpt-5-pro': '2026-12-11',
      o3: '2026-12-11',
      'o3-pro': '2026-12-11',
      'gpt-4.1': '2027-01-14',
      'gpt-4.1-mini': '2027-01-14',
      'gpt-4o': '2027-01-14',
      'gpt-4o-mini': '2027-01-14',
      'whisper-1': '2027-02-26',
      'gpt-5.1': '2027-04-01',
      'gpt-5.4-nano': '2027-04-01',
    },
  },
  anthropic: {
    page: 'https://platform.claude.com/docs/en/about-claude/model-deprecations',
    asOf: AS_OF,
    served: [
      'claude-fable-5-2',
      'claude-mythos-5-2',
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
      'claude-opus-5',
      'claude-sonnet-5',
      'claude-opus-4-6',
      'claude-sonnet-4-6',
      'claude-opus-4-5',
      'claude-sonnet-4-5',
      'claude-haiku-4-5',
    ],
    ends: {
      'claude-opus-4-20250514': '2026-06-15',
      'claude-sonnet-4-20250514': '2026-06-15',
      'claude-sonnet-4-5': '2026-11-30',
      'claude-sonnet-4-5-20250929': '2026-11-30',
    },
  },
  gemini: {
    page: 'https://ai.google.dev/gemini-api/docs/deprecations',
    asOf: AS_OF,
    served: [
      'gemini-3.8-flash',
      'gemini-3.7-flash',
      'gemini-3.6-flash',
      'gemini-3.5-flash',
      'gemini-3.5-flash-lite',
      'gemini-3.1-pro-preview',
      'gemini-3.1-flash-lite',
      'gemini-3-flash-preview',
      'gemini-2.5-pro',
      'gemini-2.5-flash',
      'gemini-2.5-flash-lite',
    ],
    ends: { 'gemini-3.1-flash-lite': '2027-05-07' },
  },
  groq: {
    page: 'https://console.groq.com/docs/deprecations',
    asOf: AS_OF,
    served: [
      'openai/gpt-oss-120b',
      'openai/gpt-oss-20b',
      'groq/compound',
      'groq/compound-mini',
      'whisper-large-v3',
      'whisper-large-v3-turbo',
    ],
    ends: { 'llama-3.3-70b-versatile': '2026-08-16' },
  },
  mistral: {
    page: 'https://docs.mistral.ai/getting-started/models/',
    asOf: AS_OF,
    served: [
      'mistral-medium-latest',
      'mistral-large-latest',
      'mistral-small-latest',
      'ministral-14b-latest',
      'ministral-8b-latest',
      'ministral-3b-latest',
      'codestral-latest',
      'mistral-embed',
    ],
    ends: { 'devstral-medium-2507': '2026-05-31', 'mistral-large-2411': '2026-05-31' },
  },
  deepseek: {
    page: 'https://api-docs.deepseek.com/',
    asOf: AS_OF,
    served: ['deepseek-flash', 'deepseek-v4-pro'],
    ends: { 'deepseek-chat': '2026-07-24', 'deepseek-reasoner': '2026-07-24' },
  },
  xai: {
    page: 'https://docs.x.ai/docs/models',
    asOf: AS_OF,
    served: ['grok-4.6', 'grok-4.5', 'grok-4.3'],
    ends: {
      'grok-3': '2026-05-15',
      'grok-4-0709': '2026-05-15',
      'grok-4-1-fast-non-reasoning': '2026-05-15',
      'grok-4-1-fast-reasoning': '2026-05-15',
      'grok-4-fast-non-reasoning': '2026-05-15',
      'grok-4-fast-reasoning': '2026-05-15',
      'grok-code-fast-1': '2026-05-15',
    },
  },
  cerebras: {
    page: 'https://inference-docs.cerebras.ai/models/overview',
    asOf: AS_OF,
    served: ['gpt-oss-120b', 'qwen-3.8-27b'],
    ends: { 'llama3.1-8b': '2026-05-27', 'qwen-3-235b-a22b-instruct-2507': '2026-05-27' },
  },
  perplexity: {
    page: 'https://docs.perplexity.ai/docs/agent-api/models',
    asOf: AS_OF,
    served: ['perplexity/sonar'],
    ends: {
      sonar: '2026-09-27',
      'sonar-deep-research': '2026-09-27',
      'sonar-pro': '2026-09-27',
      'sonar-reasoning-pro': '2026-09-27',
    },
  },
};

/**
 * The models of a type under their own names, newest first, without those that have ended; none where they are not known.
 *
 * @param wallMs now, since 1970
 */
export function servedModels(type: string, wallMs: number): readonly string[] {
  const { served = [], ends = {} } = knownModels[type] ?? {};
  const today = new Date(wallMs).toISOString().slice(0, 10);
  // On its last day a model may still be served, in some time zone.
  return served.filter((model) => (ends[model] ?? today) >= today);
}

/** The day on which a model of a provider ends or has ended, as `2026-11-30`, and the page that says so; null if none is known. */
export function endOf(type: string, model: string): { readonly day: string; readonly page: string } | null {
  const known = knownModels[type];
  const day = known?.ends?.[model];
  return known === undefined || day === undefined ? null : { day, page: known.page };
}
