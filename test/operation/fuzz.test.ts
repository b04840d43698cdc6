/** A short run of those targets of `npm run fuzz` that need a real gateway, with the same inputs each time. */
import { describe, it } from 'mocha';
import { admin } from '../../scripts/fuzz/admin.ts';
import { requests } from '../../scripts/fuzz/requests.ts';

const SEED = 20_261_126;
const INPUTS = 20;

describe('bytes that nobody meant', () => {
  for (const { about, open } of [requests, admin]) {
    it(`change nothing that must hold: ${about}`, async () => {
      const target = await open(false);
      try {
        await target.round(SEED, INPUTS);
      } finally {
        await target.close();
      }
    });
  }
});
