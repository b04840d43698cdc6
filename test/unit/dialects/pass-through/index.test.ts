import { expect } from 'chai';
import { describe, it } from 'mocha';
import { passThroughDialects } from '../../../../src/dialects/pass-through/index.ts';
import { answerContext } from '../../../helpers/codecs.ts';

describe('the dialects that are passed through', () => {
  for (const dialect of passThroughDialects) {
    it(`make neither form of an answer of the other: ${dialect.name}`, () => {
      expect(dialect.split(Buffer.from('{}'), answerContext())).to.equal(null);
      expect(dialect.collect()).to.equal(null);
    });
  }
});
