import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isSoundMetric } from '../../../../src/shared/metrics/metric-shape.ts';

const counter = (values: readonly object[], name = 'llm_x_total', type = 'counter') => ({
  name,
  help: 'h',
  type,
  aggregator: 'sum',
  values,
});

describe('a metric from another process', () => {
  it('is taken if its names are names and its counts are counts', () => {
    expect(isSoundMetric(counter([{ value: 1, labels: { a: 'any "text"\n', le: 5 } }]))).to.equal(true);
    const bucket = { value: 1, labels: { le: '+Inf' }, metricName: 'llm_x_bucket' };
    expect(isSoundMetric(counter([bucket], 'llm_x', 'histogram'))).to.equal(true);
    expect(isSoundMetric(counter([{ value: -1, labels: {} }], 'x', 'gauge'))).to.equal(true);
  });

  it('is refused with a negative or endless count', () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, null, '1']) {
      expect(isSoundMetric(counter([{ value, labels: {} }]))).to.equal(false);
    }
  });

  it('is refused with names that would write lines of their own on the page', () => {
    expect(isSoundMetric(counter([], 'a 1\nb'))).to.equal(false);
    expect(isSoundMetric(counter([{ value: 1, labels: { 'a="1"} 5\nb{c': 'x' } }]))).to.equal(false);
    expect(isSoundMetric(counter([{ value: 1, labels: {}, metricName: 'another' }]))).to.equal(false);
    expect(isSoundMetric(counter([{ value: 1, labels: { a: {} } }]))).to.equal(false);
  });

  it('is refused with a name that every object has: the library could neither show nor add it', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(isSoundMetric(counter([], name)), name).to.equal(false);
      const labels: unknown = JSON.parse(`{"${name}":"x"}`);
      expect(isSoundMetric(counter([{ value: 1, labels }])), name).to.equal(false);
    }
  });
});
