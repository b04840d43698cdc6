/** Recorded errors of providers are read as the errors that they are. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { dialectOf } from '../../src/dialects/registry.ts';
import type { UpstreamError } from '../../src/dialects/upstream-error.ts';
import { errorBodies } from './recordings.ts';

const recorded: [string, 'openai-chat' | 'anthropic-messages', number, Partial<UpstreamError>][] = [
  ['errors/openai-context-length.json', 'openai-chat', 400, { code: 'context_length_exceeded', quota: false }],
  ['errors/anthropic-overloaded.json', 'anthropic-messages', 529, { type: 'overloaded_error', quota: false }],
  ['openai/reasoning-model-legacy-parameter-error.json', 'openai-chat', 400, { param: 'max_tokens', quota: false }],
  ['openai-responses/openai-error.1.json', 'openai-chat', 429, { code: 'insufficient_quota', quota: true }],
  ['gemini/google-429-retry-info.json', 'openai-chat', 429, { retryAfterMs: 34_400, quota: false }],
];

describe('recorded errors', () => {
  for (const [path, dialect, status, expected] of recorded) {
    for (const body of errorBodies(path)) {
      it(`is understood: ${path}`, () => {
        const error = dialectOf(dialect).readError(status, body);
        expect(error).to.deep.include({ status, ...expected });
        expect(body.toString()).to.include(error.message);
      });
    }
  }
});
