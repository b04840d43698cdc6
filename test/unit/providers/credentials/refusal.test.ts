import { expect } from 'chai';
import { describe, it } from 'mocha';
import { refusalOf } from '../../../../src/providers/credentials/refusal.ts';

describe('a refusal of fetched credentials', () => {
  it('tells a wrong clock by the words of AWS', () => {
    const late = 'InvalidSignatureException Signature expired: 20300102T030405Z is now earlier than 20300102T032905Z';
    expect(refusalOf(403, late)).to.equal('skewed');
    expect(refusalOf(403, 'Signature not yet current: 20300102T030405Z is still later than …')).to.equal('skewed');
    expect(refusalOf(403, 'RequestTimeTooSkewed The difference between the request time and …')).to.equal('skewed');
  });

  it('tells what has ended by a 401, or by the words of AWS', () => {
    expect(refusalOf(401, '')).to.equal('ended');
    expect(refusalOf(403, 'ExpiredTokenException The security token included in the request is expired')).to.equal(
      'ended',
    );
    expect(refusalOf(403, 'UnrecognizedClientException')).to.equal('ended');
    expect(refusalOf(400, 'ExpiredToken')).to.equal('ended');
  });

  it('is no other error', () => {
    expect(refusalOf(403, 'AccessDeniedException User is not authorized to perform bedrock:InvokeModel')).to.equal(
      null,
    );
    expect(refusalOf(500, 'ExpiredToken')).to.equal(null);
    expect(refusalOf(400, 'the prompt is too long')).to.equal(null);
  });
});
