import { expect } from 'chai';
import { describe, it } from 'mocha';
import { clientDialectOf } from '../../../src/dialects/registry.ts';
import { classify } from '../../../src/shared/classify.ts';

/** What an error is about at an API, and what follows for the target. */
function judged(dialect: string, status: number, error: object) {
  const { quota, subject } = clientDialectOf(dialect).readError(status, Buffer.from(JSON.stringify({ error })));
  const { next, cooldown, verdict: target, ownStatus } = classify({ kind: 'status', status, quota, subject });
  return { subject, next, cooldown, target, ownStatus };
}

const apis = ['openai-embeddings', 'openai-completions', 'openai-transcriptions'];
const ofResponses = ['openai-response-tokens', 'openai-response-compaction'];
const ofWrongApi: readonly (readonly [status: number, error: object])[] = [
  [404, { message: 'The model `gpt-4` does not exist or you do not have access to it.', code: 'model_not_found' }],
  [400, { message: 'no such thing', code: 'model_not_supported' }],
  [403, { message: 'You are not allowed to generate embeddings from this model' }],
  [403, { message: 'This model does not support the embeddings API.' }],
  [
    501,
    { message: 'This server does not support embeddings. Start it with `--embeddings`', type: 'not_supported_error' },
  ],
  [500, { message: 'this model does not support embeddings' }],
  [500, { message: 'The model is not supported by this endpoint' }],
];

describe('an error of an API beside chats', () => {
  for (const [status, error] of ofWrongApi) {
    it(`is held against no target where the model may be the wrong one: ${status} ${JSON.stringify(error)}`, () => {
      for (const api of [...apis, ...ofResponses]) {
        expect(judged(api, status, error), api).to.deep.equal({
          subject: 'endpoint',
          next: 'failover',
          cooldown: null,
          target: 'neutral',
          ownStatus: status >= 500 ? 400 : status,
        });
      }
    });
  }

  it('is what it is for chats in all else', () => {
    for (const api of apis) {
      expect(judged(api, 401, { message: 'no' }).subject).to.equal('key');
      expect(judged(api, 500, { message: 'internal error' })).to.include({ subject: null, target: 'failure' });
      expect(judged(api, 400, { message: 'Images of this kind are not supported by this endpoint' }).next).to.equal(
        'final',
      );
      expect(judged(api, 429, { message: 'slow down' }).cooldown).to.equal('rate_limited');
    }
    expect(judged('openai-chat', 404, { message: 'no', code: 'model_not_found' }).cooldown).to.equal('model');
  });

  it('is the same where tokens are counted, which a provider may not do for every model', () => {
    const error = { type: 'not_found_error', message: 'model: claude-x' };
    expect(judged('anthropic-count-tokens', 404, error)).to.include({ subject: 'endpoint', cooldown: null });
    expect(judged('anthropic-messages', 404, error)).to.include({ subject: 'model', cooldown: 'model' });
    expect(() => clientDialectOf('anthropic-count-tokens').inspect(Buffer.from(JSON.stringify({ error })), null))
      .to.throw()
      .with.nested.property('error.subject', 'endpoint');
  });

  it('is the same inside a 200, whole or streamed', () => {
    const error = { message: 'no', code: 'model_not_found' };
    for (const api of apis) {
      const dialect = clientDialectOf(api);
      expect(() => dialect.inspect(Buffer.from(JSON.stringify({ error })), null, 'application/json'))
        .to.throw()
        .with.nested.property('error.subject', 'endpoint');
      const context = { model: 'm', includeUsage: false, createdAt: 0, requestId: 'r', choices: 1 };
      const raw = Buffer.from(`data: ${JSON.stringify({ error })}\n\n`);
      const step = dialect.watch(context).push({ raw, event: '', data: JSON.stringify({ error }) });
      expect(step.error?.subject).to.equal('endpoint');
    }
    const inField = { raw: Buffer.from(`error: ${JSON.stringify(error)}\n\n`), event: '', data: null };
    const context = { model: 'm', includeUsage: false, createdAt: 0, requestId: 'r', choices: 1 };
    expect(clientDialectOf('openai-completions').watch(context).push(inField).error?.subject).to.equal('endpoint');
  });
});
