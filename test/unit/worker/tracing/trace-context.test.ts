import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readTraceparent, writeTraceparent } from '../../../../src/worker/tracing/trace-context.ts';

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

describe('a traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    const place = { traceId, spanId, isSampled: true };
    expect(readTraceparent(`00-${traceId}-${spanId}-01`)).to.deep.equal(place);
    expect(readTraceparent(`00-${traceId}-${spanId}-02`)).to.deep.equal({ ...place, isSampled: false });
    expect(writeTraceparent(place)).to.equal(`00-${traceId}-${spanId}-01`);
    expect(readTraceparent(writeTraceparent({ ...place, isSampled: false }))?.isSampled).to.equal(false);
  });

  it('may be of a later version, with more behind it', () => {
    expect(readTraceparent(`cc-${traceId}-${spanId}-01-what-follows`)?.spanId).to.equal(spanId);
  });

  for (const header of [
    undefined,
    '',
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
  ]) {
    it(`is ignored: ${header}`, () => expect(readTraceparent(header)).to.equal(null));
  }
});
