import { expect } from 'chai';
import { describe, it } from 'mocha';
import { callableUrl } from '../../../src/cli/urls.ts';

describe('callableUrl', () => {
  for (const [host, url] of [
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['localhost', 'http://localhost:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://[::1]:80'],
    ['fe80::1', 'http://[fe80::1]:80'],
  ] as const) {
    it(`returns ${url} for ${host}`, () => expect(callableUrl(host, 80)).to.equal(url));
  }
});
