/** Requests that the gateway refuses: invalid fields, unknown models, missing keys, bodies of another type. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import { errorOf, planeFixture } from './plane-fixture.ts';

const invalid: [string, unknown, string, string | null][] = [
  ['no model', { model: undefined }, 'missing_parameter', 'model'],
  ['an empty model', { model: '' }, 'invalid_value', 'model'],
  ['no messages', { messages: undefined }, 'missing_parameter', 'messages'],
  ['empty messages', { messages: [] }, 'invalid_value', 'messages'],
  ['a message that is text', { messages: ['hi'] }, 'invalid_value', 'messages[0]'],
  ['a message without role', { messages: [{ content: 'hi' }] }, 'invalid_value', 'messages[0].role'],
  ['a temperature of 2.1', { temperature: 2.1 }, 'invalid_value', 'temperature'],
  ['a temperature of -1', { temperature: -1 }, 'invalid_value', 'temperature'],
  ['a temperature in words', { temperature: 'hot' }, 'invalid_value', 'temperature'],
  ['stream as text', { stream: 'yes' }, 'invalid_value', 'stream'],
];

describe('a refused request', () => {
  const { mock, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  for (const [what, fields, code, param] of invalid) {
    it(`with ${what} gets a 400 with the code ${code} and the parameter ${param}`, async () => {
      const { ask, count } = await start({ openai: openai.port });
      const response = await ask(fields as Record<string, unknown>);
      expect(response.status).to.equal(400);
      const error = await errorOf(response);
      expect([error.code, error.param]).to.deep.equal([code, param]);
      expect(count({ type: 'rejected', reason: 'validation' })).to.equal(1);
      expect(count({ type: 'request-ended', provider: 'unknown', status: 'error' })).to.equal(1);
      expect(openai.control.stats().requests).to.equal(0);
    });
  }

  for (const body of ['{', '[]', '"text"', '']) {
    it(`with the body ${JSON.stringify(body)} gets a 400`, async () => {
      const { ask } = await start({ openai: openai.port });
      const response = await ask({}, { body });
      expect(response.status).to.equal(400);
      expect((await errorOf(response)).code).to.be.oneOf(['invalid_json', 'invalid_value']);
    });
  }

  it('for an unknown model gets a 404 and is counted under the model other', async () => {
    const { ask, count } = await start({ openai: openai.port });
    const response = await ask({ model: 'gpt-17' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'model_not_found']);
    expect(count({ type: 'request-ended', provider: 'unknown', model: 'other', status: 'error' })).to.equal(1);
    expect(count({ type: 'label-overflow', label: 'model' })).to.equal(1);
    expect(count({ type: 'rejected', reason: 'unknown_model' })).to.equal(1);
  });

  it('for an unknown model hears which one was probably meant', async () => {
    const { ask, url } = await start({ openai: openai.port });
    const meant = 'The model is not known to this gateway; did you mean "gpt-4"? GET /v1/models lists the known ones.';
    expect((await errorOf(await ask({ model: 'gtp-4' }))).message).to.equal(meant);
    expect((await errorOf(await fetch(`${url}/v1/models/gtp-4`))).message).to.equal(meant);
    expect((await errorOf(await ask({ model: 'llama' }))).message).not.to.include('did you mean');
  });

  it('for an unknown model has the name in the log alone: on one line, cut, and without our keys', async () => {
    const { ask, logged, reported } = await start({ openai: openai.port });
    for (const model of ['gpt-17', `a\u202e\nb key-of-openai ${'x'.repeat(200)}`]) await ask({ model });
    const [plain, hostile] = logged.map((line) => JSON.parse(line).askedModel);
    expect(plain).to.equal('gpt-17');
    expect(hostile)
      .to.match(/^a··b \S+ x+…$/)
      .and.not.include('key-of-openai');
    expect(hostile).to.have.length(100);
    await eventually('the primary is told', () => reported.length === 2);
    expect(JSON.stringify(reported)).not.to.match(/gpt-17|xxx/);
    await ask();
    expect(JSON.parse(logged[2] ?? '')).not.to.have.property('askedModel');
  });

  it('for a model named like a member of every object gets a 404 too', async () => {
    const { ask } = await start({ openai: openai.port });
    for (const model of ['__proto__', 'constructor', 'toString']) expect((await ask({ model })).status).to.equal(404);
  });

  it('without one of the configured keys gets a 401', async () => {
    const { ask, count } = await start({ openai: openai.port, server: { keys: ['first', 'second'] } });
    const withKey = (authorization: string) =>
      ask({}, { headers: { 'content-type': 'application/json', authorization } });
    const none = await ask();
    expect([none.status, (await errorOf(none)).code]).to.deep.equal([401, 'invalid_api_key']);
    expect((await withKey('Bearer third')).status).to.equal(401);
    expect((await withKey('Bearer second')).status).to.equal(200);
    expect(count({ type: 'rejected', reason: 'auth' })).to.equal(2);
  });

  it('with another content type than JSON gets a 415', async () => {
    const { ask } = await start({ openai: openai.port });
    const response = await ask({}, { headers: { 'content-type': 'text/plain' } });
    expect([response.status, response.headers.get('accept-encoding')]).to.deep.equal([415, null]);
  });
});
