import { expect } from 'chai';
import { describe, it } from 'mocha';
import { AddressError, explainListenError, PortTakenError } from '../../../../src/primary/host/start-errors.ts';

const systemError = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

/** [the system's code, the kind of error, the beginning of its message] */
const cases = [
  ['EADDRINUSE', PortTakenError, '10.0.0.1:80 is taken by another program'],
  ['EADDRNOTAVAIL', AddressError, 'admin.host is 10.0.0.1, not an address of this machine (EADDRNOTAVAIL): '],
  ['EAFNOSUPPORT', AddressError, 'admin.host is 10.0.0.1, not an address of this machine (EAFNOSUPPORT): '],
  ['ENOTFOUND', AddressError, 'admin.host is 10.0.0.1, which cannot be resolved (ENOTFOUND): '],
  ['EAI_AGAIN', AddressError, 'admin.host is 10.0.0.1, which cannot be resolved (EAI_AGAIN): '],
  ['EACCES', AddressError, 'admin.port (or --admin-port) is 80, which this user may not open (EACCES): '],
] as const;

describe('an error of listen', () => {
  for (const [code, kind, words] of cases) {
    it(`becomes a message with the setting and the fix: ${code}`, () => {
      const cause = systemError(code);
      const error = explainListenError('admin', '10.0.0.1', 80, cause);
      expect(error).to.be.instanceOf(kind).and.to.include({ cause });
      expect(String(error)).to.contain(words);
    });
  }

  it('is returned unchanged if no setting causes it', () => {
    const cause = systemError('EMFILE');
    expect(explainListenError('gateway', '127.0.0.1', 80, cause)).to.equal(cause);
  });
});
