/** The fake Bedrock: Converse and ConverseStream, and its errors, whose names stand in a header. */
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

export const bedrockDialect: Dialect = {
  name: 'bedrock',
  apis: [bedrockConverse],
  idHeader: 'x-amzn-requestid',
  maxBodyBytes: 25 * 1024 * 1024,
  versionOf: () => '2023-09-30',
  error: (_status, message) => JSON.stringify({ message }),
  errorHeaders: (status) => ({ 'x-amzn-errortype': errorNames[status] ?? 'InternalServerException' }),
  streamErrorStatus: 503,
  models: JSON.stringify({ modelSummaries: [] }),
};
