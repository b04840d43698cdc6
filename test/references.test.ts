import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { references } from '../scripts/references.ts';

describe('the references', () => {
  for (const [path, make] of Object.entries(references)) {
    it(`are up to date in ${path} (if not: npm run references)`, () => {
      expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).to.equal(make());
    });
  }
});
