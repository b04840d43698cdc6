/**
 * The names of OpenTelemetry's conventions for generative AI, by version: they are in development, and dashboards read those
 * of one version. v1.36 is the last before the provider's name was called that; v1.41 is the last of the common repository,
 * whose names the first release of the one for generative AI alone keeps. Pure.
 */
import type { EndpointLabel } from '../../shared/endpoints.ts';
import type { TokenCounts } from '../../shared/events.ts';
import type { TraceConventions } from '../../shared/tracing.ts';

/** Of a span. A value that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Those of the conventions for types of providers that have one; others are called by their type. */
const wellKnown: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
};

/** What of it v1.36 called otherwise. */
const beforeProviders: Readonly<Record<string, string>> = { xai: 'xai' };

/** Other endpoints have no operation of the conventions: their label is theirs. */
const operations: Partial<Record<EndpointLabel, string>> = {
  chat_completions: 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
};

/** `gen_ai.operation.name` of an endpoint's requests. */
export function operationOf(label: EndpointLabel): string {
  return operations[label] ?? label;
}

/** Who is asked, by the type of a provider. */
export function providerAttributes(version: TraceConventions, type: string): Attributes {
  if (version === 'v1.36') return { 'gen_ai.system': beforeProviders[type] ?? wellKnown[type] ?? type };
  return { 'gen_ai.provider.name': wellKnown[type] ?? type };
}

/** What a provider has counted. */
export function usageAttributes(version: TraceConventions, counts: TokenCounts): Attributes {
  const usage = { 'gen_ai.usage.input_tokens': counts.input, 'gen_ai.usage.output_tokens': counts.output };
  if (version !== 'v1.41') return usage;
  return {
    ...usage,
    'gen_ai.usage.cache_read.input_tokens': counts.cache_read,
    'gen_ai.usage.cache_creation.input_tokens': counts.cache_write,
    'gen_ai.usage.reasoning.output_tokens': counts.reasoning,
  };
}

/** That it is a stream, and after how long its first content was here. */
export function streamAttributes(version: TraceConventions, firstContentMs: number | null): Attributes {
  if (version !== 'v1.41') return {};
  return {
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': firstContentMs === null ? undefined : firstContentMs / 1000,
  };
}
