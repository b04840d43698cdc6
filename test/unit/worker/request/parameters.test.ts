/** Whether a request has to be edited at all, and what is known before it is. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { clientDialectOf } from '../../../../src/dialects/registry.ts';
import type { ActiveRequest } from '../../../../src/worker/request/active-request.ts';
import { edits, refusedByAll } from '../../../../src/worker/request/parameters.ts';
import { RefusedParameters } from '../../../../src/worker/request/refused-parameters.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';
import { testConfig, testModel } from '../../../helpers/test-config.ts';

const config = testConfig({ openai: 1, anthropic: 2 });
const targets = config.models['gpt-4']?.targets ?? [];
const [first] = targets;
const { openai } = config.providers;
if (first === undefined || openai === undefined) throw new Error('the fixture has another form');

function requestOf(dialect: string, refusedParameters = new RefusedParameters()): ActiveRequest {
  return {
    dialect: clientDialectOf(dialect),
    config,
    matched: null,
    plane: { refusedParameters },
  } as unknown as ActiveRequest;
}

describe('a request for a model that sets and drops parameters', () => {
  const bytes = Buffer.from('{"model":"gpt-4","messages":[{"role":"user","content":"hi"}]}');
  const arrived = arrivedAt(clientDialectOf('openai-chat'), bytes);

  it('is edited only where its dialect has one of them', () => {
    const chat = requestOf('openai-chat');
    const ofMessages = { name: 'stop_sequences', json: '["x"]' };
    expect(edits(chat, testModel('m', targets), arrived)).to.equal(false);
    expect(edits(chat, testModel('m', targets, { defaults: [ofMessages] }), arrived)).to.equal(false);
    expect(
      edits(requestOf('anthropic-messages'), testModel('m', targets, { defaults: [ofMessages] }), arrived),
    ).to.equal(true);
    expect(edits(chat, testModel('m', targets, { drop: ['stop_sequences'] }), arrived)).to.equal(true);
  });

  it('begins without what its only target is known to refuse', () => {
    const known = new RefusedParameters();
    known.add(openai, first, null, ['seed']);
    const request = requestOf('openai-chat', known);
    expect(refusedByAll(request, testModel('m', [first]))).to.deep.equal(['seed']);
    expect(refusedByAll(request, testModel('m', targets))).to.deep.equal([]);
  });
});
