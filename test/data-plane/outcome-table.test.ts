/**
 * The table of outcomes (in `src/README.md`, and as code in `src/shared/classify.ts`), row by row: what happens at the
 * provider, what follows, what is counted, what the client gets. Client, data plane and providers use real sockets.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { Config, TimeoutOptions } from '../../src/shared/config.ts';
import type { AttemptOutcome, Verdict } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';

interface Row {
  readonly what: string;
  readonly fault: FaultInput;
  readonly stream?: boolean;
  readonly outcome: AttemptOutcome;
  readonly verdict: Verdict;
  /** Attempts at the first provider before the request moves on. */
  readonly attempts: number;
  /** The provider that answers if there is a second one; null: the first one's answer is final. */
  readonly answeredBy: 'anthropic' | null;
  /** What the client gets when there is no second provider. */
  readonly status: number;
  readonly code: string | null;
  /** Of the first provider, where its limit is what ends the attempt; no other is short. */
  readonly limits?: Partial<TimeoutOptions>;
}

/** One provider, or two. */
function configFor({ limits }: Row, openai: RunningMock, anthropic?: RunningMock): Config {
  const config = testConfig({ openai: openai.port, ...(anthropic === undefined ? {} : { anthropic: anthropic.port }) });
  const targets = config.models['gpt-4']?.targets ?? [];
  const limited = targets.map((target) =>
    target.provider === 'openai' ? { ...target, timeouts: { ...target.timeouts, ...limits } } : target,
  );
  return { ...config, models: { 'gpt-4': testModel('gpt-4', limited) } };
}

const rows: Row[] = [
  ...[400, 409, 413, 422].map((status) => ({
    what: `a ${status}`,
    fault: { kind: 'status', status } as const,
    outcome: 'client_error' as const,
    verdict: 'neutral' as const,
    attempts: 1,
    answeredBy: null,
    status,
    code: null,
  })),
  {
    what: 'a 404 about the model',
    fault: { kind: 'status', status: 404 },
    outcome: 'model_unavailable',
    verdict: 'neutral',
    attempts: 1,
    answeredBy: 'anthropic',
    status: 502,
    code: 'model_unavailable',
  },
  {
    what: 'a 404 about something else',
    fault: { kind: 'status', status: 404, body: '{"error":{"message":"no such file","type":"invalid_request_error"}}' },
    outcome: 'client_error',
    verdict: 'neutral',
    attempts: 1,
    answeredBy: null,
    status: 404,
    code: null,
  },
  {
    what: 'a 401',
    fault: { kind: 'status', status: 401 },
    outcome: 'auth_error',
    verdict: 'neutral',
    attempts: 1,
    answeredBy: 'anthropic',
    status: 502,
    code: 'provider_auth',
  },
  {
    what: 'a 403',
    fault: { kind: 'status', status: 403 },
    outcome: 'client_error',
    verdict: 'neutral',
    attempts: 1,
    answeredBy: 'anthropic',
    status: 403,
    code: null,
  },
  {
    what: 'a 429 that asks for half a minute',
    fault: { kind: 'status', status: 429, retryAfter: 30 },
    outcome: 'rate_limited',
    verdict: 'neutral',
    attempts: 1,
    answeredBy: 'anthropic',
    status: 429,
    code: 'rate_limited',
  },
  ...[408, 500, 502, 503, 529].map((status) => ({
    what: `a ${status}`,
    fault: { kind: 'status', status } as const,
    outcome: 'server_error' as const,
    verdict: 'failure' as const,
    attempts: 3,
    answeredBy: 'anthropic' as const,
    status: 502,
    code: 'provider_error',
  })),
  ...[false, true].map((stream) => ({
    what: `${stream ? 'a streamed' : 'a plain'} bad-json`,
    fault: { kind: 'bad-json' } as const,
    stream,
    outcome: 'bad_response' as const,
    verdict: 'failure' as const,
    attempts: 3,
    answeredBy: 'anthropic' as const,
    status: 502,
    code: 'provider_error',
  })),
  {
    what: 'a reset',
    fault: { kind: 'reset' },
    outcome: 'connect_error',
    verdict: 'failure',
    attempts: 3,
    answeredBy: 'anthropic',
    status: 502,
    code: 'provider_unreachable',
  },
  {
    what: 'headers that are too late',
    fault: { kind: 'slow-headers', ms: 30_000 },
    limits: { headersMs: 60 },
    stream: true,
    outcome: 'timeout_headers',
    verdict: 'failure',
    attempts: 3,
    answeredBy: 'anthropic',
    status: 504,
    code: 'provider_timeout',
  },
  {
    what: 'first content that is too late',
    fault: { kind: 'slow-first-content', ms: 30_000 },
    limits: { firstContentMs: 60 },
    stream: true,
    outcome: 'timeout_first_content',
    verdict: 'failure',
    attempts: 3,
    answeredBy: 'anthropic',
    status: 504,
    code: 'provider_timeout',
  },
  {
    what: 'an error inside a 200 before content',
    fault: { kind: 'error-in-stream', afterChunks: 0 },
    stream: true,
    outcome: 'server_error',
    verdict: 'failure',
    attempts: 3,
    answeredBy: 'anthropic',
    status: 502,
    code: 'provider_error',
  },
  {
    what: 'a stream that ends before content',
    fault: { kind: 'cut', afterChunks: 0 },
    stream: true,
    outcome: 'stream_cut',
    verdict: 'failure',
    attempts: 3,
    answeredBy: 'anthropic',
    status: 502,
    code: 'provider_stream_cut',
  },
];

/** Outcomes after which another target is asked before the same one is asked again. */
const nextTargetFirst = new Set<AttemptOutcome>(['timeout_headers', 'timeout_first_content']);

describe('the table of outcomes', () => {
  let openai: RunningMock;
  let anthropic: RunningMock;
  let gateway: RunningPlane | null = null;

  beforeEach(async () => {
    openai = await startMock({ dialect: 'openai', port: 0 });
    anthropic = await startMock({ dialect: 'anthropic', port: 0 });
  });

  afterEach(async () => {
    await gateway?.close();
    gateway = null;
    await Promise.all([openai.close(), anthropic.close()]);
  });

  for (const row of rows) {
    const last = row.code ?? `the provider's own ${row.status}`;
    it(`answers ${row.what} with ${last} when no other target is left`, async () => {
      gateway = await startPlane(configFor(row, openai));
      openai.control.setFault(row.fault);
      const response = await gateway.ask({ stream: row.stream ?? false });
      expect(response.status).to.equal(row.status);
      const { error } = (await response.json()) as { error: { code: string | null; message: string; type: string } };
      expect(error.message).to.be.a('string').and.not.equal('');
      if (row.code !== null) expect(error.code).to.equal(row.code);
      const attempts = row.attempts;
      expect(gateway.count({ type: 'attempt-ended', provider: 'openai', outcome: row.outcome })).to.equal(attempts);
      expect(gateway.count({ type: 'attempt-ended', verdict: row.verdict })).to.equal(attempts);
      expect(gateway.count({ type: 'retry', provider: 'openai' })).to.equal(attempts - 1);
      expect(gateway.count({ type: 'request-ended', status: 'error', provider: 'openai', model: 'gpt-4' })).to.equal(1);
      expect(gateway.count({ type: 'request-ended' })).to.equal(1);
      expect(response.headers.get('x-should-retry')).to.equal(row.status === 429 ? null : 'false');
    });

    it(`${row.answeredBy === null ? 'asks no other provider after' : 'fails over after'} ${row.what}`, async () => {
      gateway = await startPlane(configFor(row, openai, anthropic));
      openai.control.setFault(row.fault);
      const response = await gateway.ask({ stream: row.stream ?? false });
      const text = await response.text();
      // While another target can be used, a provider gets one quick retry.
      const attempts = nextTargetFirst.has(row.outcome) ? 1 : Math.min(row.attempts, 2);
      expect(gateway.count({ type: 'attempt-ended', provider: 'openai', outcome: row.outcome })).to.equal(attempts);
      if (row.answeredBy === null) {
        expect(response.status).to.equal(row.status);
        expect(gateway.count({ type: 'failover' })).to.equal(0);
        expect(anthropic.control.stats().requests).to.equal(0);
      } else {
        expect(response.status).to.equal(200);
        expect(response.headers.get('x-headgate-provider')).to.equal(row.answeredBy);
        expect(text).to.contain(row.stream ? 'data: [DONE]' : 'fake anthropic provider');
        expect(gateway.count({ type: 'failover', from: 'openai', to: 'anthropic' })).to.equal(1);
        expect(gateway.count({ type: 'request-ended', status: 'success', provider: 'anthropic' })).to.equal(1);
      }
    });
  }
});
