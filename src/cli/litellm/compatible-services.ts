/**
 * Services of LiteLLM's that speak OpenAI's API and have no type here: each is a provider of type `openai` with its address.
 * Addresses and variables as LiteLLM 1.110 has them.
 */

/** An address, and where LiteLLM looks for the key. */
interface CompatibleService {
  readonly base: string;
  readonly variables: readonly string[];
}

/** By LiteLLM's prefix. */
export const compatibles: Readonly<Record<string, CompatibleService>> = {
  baseten: { base: 'https://inference.baseten.co/v1', variables: ['BASETEN_API_KEY'] },
  chutes: { base: 'https://llm.chutes.ai/v1', variables: ['CHUTES_API_KEY'] },
  dashscope: {
    base: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    variables: ['DASHSCOPE_API_KEY'],
  },
  deepinfra: { base: 'https://api.deepinfra.com/v1/openai', variables: ['DEEPINFRA_API_KEY'] },
  featherless_ai: {
    base: 'https://api.featherless.ai/v1',
    variables: ['FEATHERLESS_AI_API_KEY', 'FEATHERLESS_API_KEY'],
  },
  github: { base: 'https://models.inference.ai.azure.com', variables: ['GITHUB_API_KEY'] },
  hyperbolic: { base: 'https://api.hyperbolic.xyz/v1', variables: ['HYPERBOLIC_API_KEY'] },
  lambda_ai: { base: 'https://api.lambda.ai/v1', variables: ['LAMBDA_API_KEY'] },
  meta_llama: { base: 'https://api.llama.com/compat/v1', variables: ['LLAMA_API_KEY'] },
  minimax: { base: 'https://api.minimax.io/v1', variables: ['MINIMAX_API_KEY'] },
  moonshot: { base: 'https://api.moonshot.ai/v1', variables: ['MOONSHOT_API_KEY'] },
  nebius: { base: 'https://api.studio.nebius.ai/v1', variables: ['NEBIUS_API_KEY'] },
  novita: { base: 'https://api.novita.ai/v3/openai', variables: ['NOVITA_API_KEY'] },
  sambanova: { base: 'https://api.sambanova.ai/v1', variables: ['SAMBANOVA_API_KEY'] },
  scaleway: { base: 'https://api.scaleway.ai/v1', variables: ['SCW_SECRET_KEY'] },
  volcengine: { base: 'https://ark.cn-beijing.volces.com/api/v3', variables: ['ARK_API_KEY', 'VOLCENGINE_API_KEY'] },
  wandb: { base: 'https://api.inference.wandb.ai/v1', variables: ['WANDB_API_KEY'] },
  zai: { base: 'https://api.z.ai/api/paas/v4', variables: ['ZAI_API_KEY'] },
};
