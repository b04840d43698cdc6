import { expect } from 'chai';
import { describe, it } from 'mocha';
import { type AttemptFault, classify } from '../../../src/shared/classify.ts';
import { success } from '../../../src/shared/judgements.ts';

const status = (code: number, given: object = {}): AttemptFault => ({
  kind: 'status',
  status: code,
  quota: false,
  subject: null,
  ...given,
});

const keyVerdict = (fault: AttemptFault) => classify(fault).keyVerdict;

describe('what an attempt says of the key', () => {
  it('is that it was accepted, for a success and for statuses that only an accepted key gets', () => {
    expect(success.keyVerdict).to.equal('success');
    expect(keyVerdict({ kind: 'empty' })).to.equal('success');
    for (const code of [400, 402, 404, 409, 410, 422, 429]) expect(keyVerdict(status(code))).to.equal('success');
    expect(keyVerdict(status(403, { quota: true }))).to.equal('success');
    expect(keyVerdict({ kind: 'error-event', status: 429, quota: false, subject: null })).to.equal('success');
  });

  it('is a doubt for a 403 that does not say what it is about', () => {
    expect(keyVerdict(status(403))).to.equal('failure');
    expect(keyVerdict({ kind: 'error-event', status: 403, quota: false, subject: null })).to.equal('failure');
  });

  it('is nothing for a 403 about anything else', () => {
    for (const subject of ['content', 'model', 'length', 'never', 'key'] as const) {
      expect(keyVerdict(status(403, { subject })), subject).to.equal('neutral');
    }
  });

  it('is nothing for the page of a firewall or proxy, whatever its status', () => {
    for (const code of [400, 403, 404, 429]) expect(keyVerdict(status(code, { page: true }))).to.equal('neutral');
  });

  it('is nothing where the provider may not have looked at the key, or refuses it with words', () => {
    for (const code of [301, 401, 405, 408, 413, 500, 503]) expect(keyVerdict(status(code))).to.equal('neutral');
    expect(keyVerdict(status(400, { subject: 'key' }))).to.equal('neutral');
    expect(keyVerdict({ kind: 'error-event', status: null, quota: false, subject: null })).to.equal('neutral');
    for (const kind of ['unreadable', 'cut', 'limit', 'gateway-limit', 'no-room', 'client-gone'] as const) {
      expect(keyVerdict({ kind }), kind).to.equal('neutral');
    }
    expect(keyVerdict({ kind: 'connection', established: true })).to.equal('neutral');
    expect(keyVerdict({ kind: 'timeout', phase: 'stall' })).to.equal('neutral');
    expect(keyVerdict({ kind: 'hurried', phase: 'headers' })).to.equal('neutral');
  });
});
