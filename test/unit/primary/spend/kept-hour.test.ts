import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { SpendFile } from '../../../../src/primary/spend/spend-file.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 10_000;

describe('the hour beside the spend books', () => {
  it('has its steps in order, the newest state, and nothing older than an hour or of the future', () =>
    withFolder('hour', async (folder) => {
      const file = path.join(folder, 'own', 'spend.sqlite');
      const books = new SpendFile(file);
      expect(books.keptHour()).to.deep.equal({ steps: [], state: null });
      const newest = 2 * HOUR_MS;
      for (const beginsAtMs of [newest - HOUR_MS, newest - STEP_MS, newest + STEP_MS]) {
        books.keepStep({ beginsAtMs, step: `${beginsAtMs}`, state: 'old' });
      }
      books.keepStep({ beginsAtMs: newest, step: 'last', state: 'new' });
      books.keepStep({ beginsAtMs: newest, step: null, state: 'newest' });
      books.close();
      const again = new SpendFile(file);
      expect(again.keptHour()).to.deep.equal({
        steps: [
          { beginsAtMs: newest - STEP_MS, step: `${newest - STEP_MS}` },
          { beginsAtMs: newest, step: 'last' },
        ],
        state: 'newest',
      });
      again.close();
    }));
});
