/** What a target does not take of the parameters that a configuration sets. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { UpstreamError } from '../../../../src/dialects/upstream-error.ts';
import { RefusedParameters, refusedIn } from '../../../../src/worker/request/refused-parameters.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const set = ['user', 'stop', 'temperature', 'top_p', 'thinking'];

function named(message: string, param: string | null = null, status = 400): readonly string[] {
  const error: UpstreamError = {
    ...{ status, message, param, type: 'invalid_request_error', code: null },
    ...{ quota: false, subject: null, retryAfterMs: null },
  };
  return refusedIn(error, set);
}

describe('the parameters that an error is about', () => {
  it('are those that it names apart, and no others', () => {
    expect(named("'user' and `stop` are unknown", 'temperature')).to.deep.equal(['temperature']);
    expect(named('no', 'thinking.budget_tokens')).to.deep.equal(['thinking']);
    expect(named('no', 'stop[0]')).to.deep.equal(['stop']);
    expect(named("'temperature' of a message", 'messages[0].temperature')).to.deep.equal([]);
  });

  it('are else those that its message marks as names', () => {
    expect(named("Unsupported value: 'temperature' does not support 1.")).to.deep.equal(['temperature']);
    expect(named('`thinking.budget_tokens` is too small, and so is "stop"')).to.deep.equal(['stop', 'thinking']);
    expect(named('top_p cannot be set')).to.deep.equal(['top_p']);
    expect(named('temperature: Extra inputs are not permitted', '')).to.deep.equal(['temperature']);
    expect(named('thinking.budget_tokens: Input should be greater')).to.deep.equal(['thinking']);
  });

  it('are none where its words are English, or its status says something else', () => {
    expect(named('the user turn must not be empty')).to.deep.equal([]);
    expect(named('please stop: the temperature rises')).to.deep.equal([]);
    expect(named("'temperature' is wrong", null, 500)).to.deep.equal([]);
    expect(named("'temperature' is wrong", null, 422)).to.deep.equal(['temperature']);
  });
});

describe('what is known of refused parameters', () => {
  const config = testConfig({ openai: 1 });
  const [target] = config.models['gpt-4']?.targets ?? [];
  const { openai } = config.providers;
  if (target === undefined || openai === undefined) throw new Error('the fixture has another form');

  it('is new once for each name', () => {
    const known = new RefusedParameters();
    expect(known.add(openai, target, null, ['seed'])).to.equal(true);
    expect(known.add(openai, target, null, ['seed'])).to.equal(false);
    expect(known.add(openai, target, null, ['seed', 'top_p'])).to.equal(true);
    expect(known.of(openai, target, null)).to.deep.equal(['seed', 'top_p']);
  });

  it('is known behind a star by each name, of which the last ones are remembered', () => {
    const known = new RefusedParameters();
    const star = { ...target, model: '*' };
    known.add(openai, target, null, ['top_p']);
    for (let index = 0; index < 65; index += 1) known.add(openai, star, `m-${index}`, ['seed']);
    expect(known.of(openai, star, 'm-0')).to.deep.equal([]);
    for (const name of ['m-1', 'm-64']) expect(known.of(openai, star, name)).to.deep.equal(['seed']);
    expect(known.of(openai, target, null)).to.deep.equal(['top_p']);
  });
});
