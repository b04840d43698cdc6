/**
 * LiteLLM's names for settings of providers, and the variables of the environment in which it looks for what a deployment
 * does not say, in its order. As LiteLLM 1.110 has them.
 */

/** By our types. */
export const usualKeys: Readonly<Record<string, readonly string[]>> = {
  openai: ['OPENAI_API_KEY'],
  anthropic: ['ANTHROPIC_API_KEY'],
  azure: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
  gemini: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  groq: ['GROQ_API_KEY'],
  mistral: ['MISTRAL_API_KEY'],
  deepseek: ['DEEPSEEK_API_KEY'],
  xai: ['XAI_API_KEY'],
  together: ['TOGETHERAI_API_KEY', 'TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHER_AI_TOKEN'],
  fireworks: ['FIREWORKS_AI_API_KEY', 'FIREWORKS_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
  openrouter: ['OPENROUTER_API_KEY', 'OR_API_KEY'],
  cerebras: ['CEREBRAS_API_KEY'],
  perplexity: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
  nvidia: ['NVIDIA_NIM_API_KEY'],
};

/** Settings of types, by LiteLLM's names. */
export const settingNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azure: {
    tenant_id: 'tenant_id',
    client_id: 'client_id',
    client_secret: 'client_secret',
    azure_scope: 'scope',
  },
  vertex: {
    vertex_project: 'project',
    vertex_ai_project: 'project',
    vertex_location: 'location',
    vertex_ai_location: 'location',
  },
  bedrock: {
    aws_region_name: 'region',
    aws_bedrock_runtime_endpoint: 'base_url',
    aws_access_key_id: 'access_key_id',
    aws_secret_access_key: 'secret_access_key',
    aws_session_token: 'session_token',
    aws_profile_name: 'profile',
    aws_role_name: 'role_arn',
    aws_external_id: 'external_id',
  },
};

/** Where LiteLLM looks for settings that a deployment does not have: in `litellm_settings`, then in a variable. */
interface UsualSetting {
  readonly setting: string;
  readonly variable: string;
  readonly otherwise?: string;
}

/** By our types and settings. */
export const usualSettings: Readonly<Record<string, Readonly<Record<string, UsualSetting>>>> = {
  vertex: {
    project: { setting: 'vertex_project', variable: 'VERTEXAI_PROJECT' },
    location: { setting: 'vertex_location', variable: 'VERTEXAI_LOCATION', otherwise: 'us-central1' },
  },
};

/** Of the region of Bedrock. */
export const regionVariables = ['AWS_REGION_NAME', 'AWS_REGION'] as const;
