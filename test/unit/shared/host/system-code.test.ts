import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { systemCode } from '../../../../src/shared/host/system-code.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('systemCode', () => {
  it('returns the code of an error of the system', () => {
    expect(systemCode(thrownBy(() => readFileSync('/nowhere/at/all')))).to.equal('ENOENT');
    expect(systemCode(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }))).to.equal('EAI_AGAIN');
  });

  it('returns null for all other errors and values', () => {
    expect(systemCode(thrownBy(() => Buffer.from('a').readInt8(7)))).to.equal(null);
    for (const other of [new Error('no'), { code: 'ENOENT' }, 'ENOENT', null]) expect(systemCode(other)).to.equal(null);
  });
});
