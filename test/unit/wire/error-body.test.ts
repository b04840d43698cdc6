import { expect } from 'chai';
import { describe, it } from 'mocha';
import { boundedMessage, describeErrorBody, readErrorRecord } from '../../../src/wire/error-body.ts';

describe('readErrorRecord', () => {
  it('reads an object, and the first object in an array', () => {
    expect(readErrorRecord(Buffer.from('{"error":{}}'))).to.deep.equal({ error: {} });
    expect(readErrorRecord(Buffer.from('\uFEFF[{"error":1}]'))).to.deep.equal({ error: 1 });
  });

  it('returns null for everything else', () => {
    for (const body of ['', '[]', 'null', '"text"', '7', '<html>', '{"cut', '\xff\xfe']) {
      expect(readErrorRecord(Buffer.from(body, 'latin1'))).to.equal(null);
    }
  });

  it('does not parse a body over the limit', () => {
    expect(readErrorRecord(Buffer.from(JSON.stringify({ error: 'x'.repeat(300_000) })))).to.equal(null);
  });
});

describe('describeErrorBody', () => {
  it('returns plain text unchanged', () => {
    expect(describeErrorBody(503, Buffer.from(' upstream connect error\n'))).to.equal('upstream connect error');
  });

  it('returns only the status for markup, an empty body and data that is not text', () => {
    for (const body of ['', '<!DOCTYPE html><h1>502</h1>', '\xff\xfe\x00\x01']) {
      expect(describeErrorBody(502, Buffer.from(body, 'latin1'))).to.equal('the provider answered 502');
    }
    expect(describeErrorBody(null, Buffer.alloc(0))).to.equal('the provider reported an error');
  });

  it('limits the length of the text', () => {
    expect(describeErrorBody(500, Buffer.from('x'.repeat(1_000_000))).length).to.equal(256 * 1024);
    expect(boundedMessage('x'.repeat(5_000)).length).to.equal(2_001);
  });
});
