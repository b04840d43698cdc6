/** Reports of failed requests, as workers send them. */
import type { FailureReport } from '../../src/shared/failure-report.ts';

/** A whole one, with these fields instead of its own. */
export function failureReport(fields: Partial<FailureReport> = {}): FailureReport {
  return {
    atMs: 1_700_000_000_000,
    id: 'r-1',
    endpoint: 'chat_completions',
    model: 'fast',
    provider: 'openai',
    upstreamModel: 'gpt-4',
    key: null,
    status: 502,
    stream: false,
    code: 'provider_error',
    cause: null,
    trail: 'openai=500(3ms)',
    upstreamRequestId: null,
    durationMs: 12.5,
    ...fields,
  };
}
