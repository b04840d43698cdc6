import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createMetrics, initialiseZeros, schemaHash } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { jsonOf } from '../../../helpers/numbers.ts';

describe('the gateway metrics', () => {
  it('have one schema hash, short and the same each time', () => {
    expect(schemaHash()).to.match(/^[0-9a-f]{16}$/);
    expect(schemaHash()).to.equal(schemaHash());
  });

  it('begin every known series at 0', async () => {
    const registry = new Registry();
    initialiseZeros(createMetrics(registry), {
      providers: ['openai', 'anthropic'],
      models: new Map([['gpt-4', [[['openai'], ['anthropic']]]]]),
      keys: [{ provider: 'openai', key: 'one' }],
      stores: ['openai'],
    });
    const json = await jsonOf(registry);
    const labelsOf = (name: string) => json.find((metric) => metric.name === name)?.values.map(({ labels }) => labels);
    expect(labelsOf('llm_key_failovers_total')).to.deep.equal([{ provider: 'openai', key: 'one' }]);
    expect(labelsOf('llm_failover_total')).to.deep.equal([{ from: 'openai', to: 'anthropic' }]);
    expect(labelsOf('llm_requests_total')).to.deep.include.members([
      { provider: 'openai', status: 'success', model: 'gpt-4' },
      { provider: 'anthropic', status: 'error', model: 'gpt-4' },
      { provider: 'unknown', status: 'error', model: 'other' },
      { provider: 'openai', status: 'success', model: 'other' },
    ]);
    const errors = labelsOf('llm_request_errors_total');
    expect(errors).to.deep.include.members([
      { owner: 'provider', code: 'provider_error', model: 'gpt-4' },
      { owner: 'client', code: 'request_rejected', model: 'gpt-4' },
      { owner: 'client', code: 'model_not_found', model: 'other' },
    ]);
    // Before its body is read, a request is of no model.
    expect(errors).to.not.deep.include({ owner: 'client', code: 'body_too_large', model: 'gpt-4' });
    expect(json.flatMap(({ values }) => values).every(({ value }) => value === 0)).to.equal(true);
  });

  it('observe request durations in the buckets that were agreed', async () => {
    const registry = new Registry();
    createMetrics(registry).requestDuration.labels('openai', 'success');
    const json = await jsonOf(registry);
    const buckets = json
      .find(({ name }) => name === 'llm_request_duration_seconds')
      ?.values.flatMap(({ labels }) => (labels.le === undefined ? [] : [labels.le]));
    expect(buckets).to.deep.equal([0.1, 0.5, 1, 2, 5, 10, 30, '+Inf']);
  });
});
