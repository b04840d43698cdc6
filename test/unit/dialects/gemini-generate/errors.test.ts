import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readError, readErrorPayload } from '../../../../src/dialects/gemini-generate/errors.ts';
import { classify } from '../../../../src/shared/classify.ts';

interface Status {
  readonly code: number;
  readonly status: string;
  readonly message?: string;
  readonly details?: readonly object[];
}

const bodyOf = (error: Status) => Buffer.from(JSON.stringify({ error: { message: 'no', ...error } }));
const reason = (word: string) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: word,
  domain: 'googleapis.com',
});
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});
const wait = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });

/** What is judged of an answer with this error. */
function judged(error: Status) {
  const { quota: isQuota, subject } = readError(error.code, bodyOf(error));
  const { outcome, keyVerdict, retryable } = {
    retryable: undefined,
    ...classify({ kind: 'status', status: error.code, quota: isQuota, subject }),
  };
  return { outcome, keyVerdict, retryable };
}

describe('an error of Gemini', () => {
  it('has its reason as its code, else its status in words', () => {
    const error = { code: 403, status: 'PERMISSION_DENIED' };
    expect(readError(403, bodyOf(error))).to.include({ code: 'PERMISSION_DENIED', status: 403, message: 'no' });
    expect(readError(403, bodyOf({ ...error, details: [reason('SERVICE_DISABLED')] })).code).to.equal(
      'SERVICE_DISABLED',
    );
    expect(readError(503, Buffer.from('busy'))).to.include({ status: 503, message: 'busy', code: null });
  });

  it('may stand in an array, and in a stream without a status of HTTP', () => {
    const error = { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' };
    const body = Buffer.from(`[${bodyOf(error)}\n]`);
    expect(readError(503, body)).to.include({ status: 503, message: 'The model is overloaded.', code: 'UNAVAILABLE' });
    expect(readErrorPayload({ error })).to.include({ status: 503, code: 'UNAVAILABLE' });
    expect(readErrorPayload({ candidates: [] })).to.equal(null);
  });

  it('says how long to wait, and which limit was met', () => {
    const error = { code: 429, status: 'RESOURCE_EXHAUSTED' };
    const perMinute = [quota('GenerateRequestsPerMinutePerProjectPerModel'), wait('34.4s')];
    expect(readError(429, bodyOf({ ...error, details: perMinute }))).to.include({ quota: false, retryAfterMs: 34_400 });
    const perDay = [quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), wait('7s')];
    expect(readError(429, bodyOf({ ...error, details: perDay }))).to.include({ quota: true, retryAfterMs: 7_000 });
    const none =
      'You exceeded your current quota.\n* Quota exceeded for metric: generativelanguage.googleapis.com/x, limit: 0';
    expect(readError(429, bodyOf({ ...error, message: none })).quota).to.equal(true);
    expect(readError(429, bodyOf({ ...error, message: none.replace('limit: 0', 'limit: 05') })).quota).to.equal(false);
  });

  it('is about the key under a 400 too, and then no other request with it is tried', () => {
    const invalid = {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'API key not valid. Please pass a valid API key.',
    };
    expect(readError(400, bodyOf({ ...invalid, details: [reason('API_KEY_INVALID')] })).subject).to.equal('key');
    expect(readError(400, bodyOf(invalid)).subject).to.equal('key');
    expect(judged({ ...invalid, details: [reason('API_KEY_INVALID')] })).to.deep.equal(
      judged({ code: 401, status: 'UNAUTHENTICATED' }),
    );
    for (const word of ['API_KEY_SERVICE_BLOCKED', 'API_KEY_IP_ADDRESS_BLOCKED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']) {
      const error = { code: 403, status: 'PERMISSION_DENIED', details: [reason(word)] };
      expect(readError(403, bodyOf(error)).subject, word).to.equal('key');
    }
  });

  it('is about the account where its money, its standing or its place is in the way', () => {
    const statuses: readonly Status[] = [
      { code: 403, status: 'PERMISSION_DENIED', details: [reason('BILLING_DISABLED')] },
      { code: 403, status: 'PERMISSION_DENIED', details: [reason('CONSUMER_SUSPENDED')] },
      { code: 400, status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' },
      { code: 400, status: 'FAILED_PRECONDITION', message: 'Gemini API free tier is not available in your country.' },
      {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'Your prepayment credits are depleted. Please go to AI Studio.',
      },
    ];
    for (const status of statuses)
      expect(readError(status.code, bodyOf(status)).quota, JSON.stringify(status)).to.equal(true);
  });

  it('is about the model, or the length of the prompt', () => {
    const gone = 'models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.';
    expect(readError(404, bodyOf({ code: 404, status: 'NOT_FOUND', message: gone })).subject).to.equal('model');
    const denied =
      "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/l/publishers/google/models/x' (or it may not exist).";
    expect(readError(403, bodyOf({ code: 403, status: 'PERMISSION_DENIED', message: denied })).subject).to.equal(
      'model',
    );
    const long = 'The input token count (1189003) exceeds the maximum number of tokens allowed (1048576).';
    expect(readError(400, bodyOf({ code: 400, status: 'INVALID_ARGUMENT', message: long }))).to.include({
      subject: 'length',
      code: 'context_length_exceeded',
    });
  });

  it('is the provider’s own failure while it is overloaded', () => {
    expect(judged({ code: 503, status: 'UNAVAILABLE' })).to.deep.equal(judged({ code: 500, status: 'INTERNAL' }));
  });
});
