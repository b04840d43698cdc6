import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CommandError, exitCodeOf, explainFailure } from '../../../src/cli/failures.ts';
import { ConfigError } from '../../../src/config/source/faults.ts';
import {
  AddressError,
  ClusterModeError,
  LockTakenError,
  PortTakenError,
  StateFolderTakenError,
} from '../../../src/primary/host/start-errors.ts';

const fault = { file: 'a.yaml', line: 1, col: 2, path: 'server.port', message: 'should be X, got Y', hint: null };
const systemError = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

const cases: readonly [string, unknown, number, string | RegExp][] = [
  [
    'a bad configuration',
    new ConfigError([fault]),
    78,
    'a.yaml:1:2 server.port: should be X, got Y\nheadgate: 1 fault in the configuration',
  ],
  ["pm2's cluster mode", new ClusterModeError(), 78, /^headgate: headgate forks its own workers .*$/],
  ['an address that cannot be', new AddressError('admin.host is x'), 78, 'headgate: admin.host is x'],
  ['a taken port', new PortTakenError('admin', '127.0.0.1:1', null), 69, /^headgate: 127\.0\.0\.1:1 is taken .*$/],
  ['a taken lock', new LockTakenError('127.0.0.1', 1, '127.0.0.1'), 69, /^headgate: another headgate serves .*$/],
  ['a taken state folder', new StateFolderTakenError('/state/1'), 69, /^headgate: another headgate keeps .*$/],
  ['a taken port that the system reports', systemError('EADDRINUSE'), 69, 'headgate: listen EADDRINUSE'],
  ['another error of the system', systemError('EMFILE'), 1, 'headgate: listen EMFILE'],
  ['a command that failed', new CommandError('no'), 1, 'headgate: no'],
  ['a bug', new TypeError('x is not a function'), 1, /^headgate: a bug, please report it: TypeError: x .*\n {4}at /],
  ['something else', 'text', 1, 'headgate: a bug, please report it: text'],
];

describe('failures', () => {
  for (const [what, error, code, text] of cases) {
    it(`have exit code ${code} and a message for ${what}`, () => {
      expect(exitCodeOf(error)).to.equal(code);
      if (typeof text === 'string') expect(explainFailure(error)).to.equal(text);
      else expect(explainFailure(error)).to.match(text);
    });
  }
});
