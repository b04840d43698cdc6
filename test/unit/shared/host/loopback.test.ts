import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isLoopback } from '../../../../src/shared/host/loopback.ts';

describe('a loopback address', () => {
  for (const host of [
    'localhost',
    'LocalHost',
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::FFFF:127.9.9.9',
    '::ffff:7f00:1',
  ]) {
    it(`is ${host}`, () => expect(isLoopback(host)).to.equal(true));
  }

  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::ffff:10.0.0.1',
    '::2',
    '127.0.0.1.example',
    'localhost.example',
    '127.1',
    '',
  ]) {
    it(`is not ${JSON.stringify(host)}`, () => expect(isLoopback(host)).to.equal(false));
  }
});
