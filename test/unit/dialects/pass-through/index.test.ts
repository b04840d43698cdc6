import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../src/dialects/openai-chat/index.ts';
import { passThroughDialects } from '../../../../src/dialects/pass-through/index.ts';
import { codecFor } from '../../../../src/dialects/registry.ts';
import { answerContext } from '../../../helpers/codecs.ts';

describe('the dialects that are passed through', () => {
  it('have names that differ', () => {
    expect(new Set(passThroughDialects.map(({ name }) => name)).size).to.equal(passThroughDialects.length);
  });

  for (const dialect of passThroughDialects) {
    it(`are put before nothing but themselves: ${dialect.name}`, () => {
      expect(codecFor(dialect, dialect)).to.include({ inbound: dialect, outbound: dialect });
      for (const other of [openaiChat, ...passThroughDialects]) {
        if (other === dialect) continue;
        expect([codecFor(dialect, other), codecFor(other, dialect)]).to.deep.equal([null, null]);
      }
    });

    it(`make neither form of an answer of the other: ${dialect.name}`, () => {
      expect(dialect.split(Buffer.from('{}'), answerContext())).to.equal(null);
      expect(dialect.collect()).to.equal(null);
    });
  }
});
