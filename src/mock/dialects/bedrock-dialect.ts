/** The fake Bedrock: Converse and ConverseStream, its models, and its errors, whose names stand in a header. */
import { bedrockConverse } from './bedrock-converse.ts';
import type { Dialect } from './dialect.ts';

const errorNames: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
};

/** As `ListFoundationModels` has them; the real one answers at the host of the control plane. */
const models = ['amazon.nova-lite-v1:0', 'anthropic.claude-haiku-4-5-20251001-v1:0'].map((modelId) => ({
  modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`,
  modelId,
  modelName: modelId,
  providerName: modelId.startsWith('amazon.') ? 'Amazon' : 'Anthropic',
  inputModalities: ['TEXT'],
  outputModalities: ['TEXT'],
  responseStreamingSupported: true,
  customizationsSupported: [],
  inferenceTypesSupported: ['ON_DEMAND'],
  modelLifecycle: { status: 'ACTIVE' },
}));

export const bedrockDialect: Dialect = {
  name: 'bedrock',
  apis: [bedrockConverse],
  idHeader: 'x-amzn-requestid',
  maxBodyBytes: 25 * 1024 * 1024,
  versionOf: () => '2023-09-30',
  error: (_status, message) => JSON.stringify({ message }),
  errorHeaders: (status) => ({ 'x-amzn-errortype': errorNames[status] ?? 'InternalServerException' }),
  streamErrorStatus: 503,
  modelLists: new Map([['/foundation-models', JSON.stringify({ modelSummaries: models })]]),
};
