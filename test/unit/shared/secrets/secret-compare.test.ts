import { expect } from 'chai';
import { describe, it } from 'mocha';
import { sameDigest, sameSecret, secretDigest } from '../../../../src/shared/secrets/secret-compare.ts';

describe('a secret', () => {
  it('is compared with values of any length', () => {
    for (const given of ['', 's3cre', 's3cret2', 'S3cret']) expect(sameSecret(given, 's3cret')).to.equal(false);
    expect(sameSecret('s3cret', 's3cret')).to.equal(true);
  });

  it('is compared by its digest', () => {
    expect(sameDigest(secretDigest('a'), secretDigest('a'))).to.equal(true);
    expect(sameDigest(secretDigest('a'), secretDigest('b'))).to.equal(false);
  });
});
