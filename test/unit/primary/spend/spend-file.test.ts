import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { withFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { readSpend, SpendFile } from '../../../../src/primary/spend/spend-file.ts';
import type { SpendQuery } from '../../../../src/primary/spend/spend-query.ts';

const HOUR = 3_600_000;
const all: SpendQuery = { by: [], sinceMs: null, untilMs: null };
const series = { provider: 'p', model: 'm', key: 'k' };
const total = (unit: string, amount: number) => ({ ...series, unit, amount });

const inBooks = (run: (file: string) => void) =>
  withFolder('spend', async (folder) => run(path.join(folder, 'own', 'spend.sqlite')));

const amountsOf = (file: string, query = all) =>
  readSpend(file, query).map(({ group, amounts }) => ({ group, amounts }));

describe('spend books on the disk', () => {
  it('hold what totals have grown by, in the hour in which it was seen', () =>
    inBooks((file) => {
      const books = new SpendFile(file);
      books.add('one', [total('input', 5), total('nano_usd', 1_000)], 10 * HOUR);
      books.add('one', [total('input', 5), total('nano_usd', 1_000)], 11 * HOUR);
      books.add('one', [total('input', 9)], 11 * HOUR + 5);
      books.close();
      expect(amountsOf(file, { ...all, by: ['hour', 'key'] })).to.deep.equal([
        { group: ['1970-01-01T10:00Z', 'p/k'], amounts: { input: 5n, nano_usd: 1_000n } },
        { group: ['1970-01-01T11:00Z', 'p/k'], amounts: { input: 4n } },
      ]);
      expect(amountsOf(file, { ...all, by: ['key', 'provider'] })[0]?.group).to.deep.equal(['k', 'p']);
      expect(amountsOf(file, { ...all, sinceMs: 11 * HOUR + 1 })).to.deep.equal([
        { group: [], amounts: { input: 4n } },
      ]);
      expect(amountsOf(file, { ...all, untilMs: 10 * HOUR + 1 })[0]?.amounts.input).to.equal(5n);
      expect(amountsOf(file, { ...all, untilMs: 10 * HOUR })).to.deep.equal([]);
    }));

  it('add up as all totals have grown, over restarts, repeats and new epochs, whatever was not written in between', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            act: fc.constantFrom('grow', 'write', 'write', 'repeat', 'reopen', 'epoch'),
            unit: fc.constantFrom('input', 'output'),
            by: fc.nat(1_000_000_000),
          }),
          { maxLength: 30 },
        ),
        (steps) =>
          inBooks((file) => {
            let books = new SpendFile(file);
            let epoch = 0;
            let totals: Record<string, number> = {};
            const written: Record<string, bigint> = {};
            let known: Record<string, number> = {};
            const write = () => {
              books.add(
                String(epoch),
                Object.entries(totals).map(([unit, amount]) => total(unit, amount)),
                0,
              );
              for (const [unit, amount] of Object.entries(totals)) {
                written[unit] = (written[unit] ?? 0n) + BigInt(amount - (known[unit] ?? 0));
              }
              known = { ...totals };
            };
            for (const { act, unit, by } of steps) {
              if (act === 'grow') totals[unit] = (totals[unit] ?? 0) + by;
              else if (act === 'write') write();
              else if (act === 'repeat') {
                write();
                write();
              } else if (act === 'reopen') {
                books.close();
                books = new SpendFile(file);
              } else {
                epoch += 1;
                totals = {};
                known = {};
              }
            }
            books.close();
            const expected = Object.fromEntries(Object.entries(written).filter(([, amount]) => amount > 0n));
            expect(amountsOf(file)[0]?.amounts ?? {}).to.deep.equal(expected);
          }),
      ),
      { numRuns: 60 },
    ));

  it('keep what the ledger has lost, and count on from what it still has', () =>
    inBooks((file) => {
      const books = new SpendFile(file);
      books.add('one', [total('input', 10)], 0);
      books.add('one', [total('input', 7)], 0);
      books.add('one', [total('input', 8)], 0);
      books.close();
      expect(amountsOf(file)[0]?.amounts).to.deep.equal({ input: 11n });
    }));

  it('are all of a write or nothing: a part that cannot be written undoes the others', () =>
    inBooks((file) => {
      const books = new SpendFile(file);
      expect(() => books.add('one', [total('input', 1), total('output', Number.NaN)], 0)).to.throw();
      books.add('one', [total('input', 1)], 0);
      books.close();
      expect(amountsOf(file)[0]?.amounts).to.deep.equal({ input: 1n });
    }));

  it('hold more than a double can', () =>
    inBooks((file) => {
      const books = new SpendFile(file);
      for (const epoch of ['one', 'two', 'three']) {
        books.add(epoch, [total('nano_usd', Number.MAX_SAFE_INTEGER)], 0);
      }
      expect(books.read(all)[0]?.amounts).to.deep.equal({ nano_usd: 3n * BigInt(Number.MAX_SAFE_INTEGER) });
      books.close();
    }));

  it('are only ever a regular file of our own', () =>
    withFolder('spend', async (folder) => {
      const own = path.join(folder, 'own');
      mkdirSync(path.join(own, 'folder'), { recursive: true, mode: 0o700 });
      symlinkSync('/etc/hostname', path.join(own, 'link'));
      expect(() => new SpendFile(path.join(own, 'link'))).to.throw(/ELOOP/);
      expect(() => new SpendFile(path.join(own, 'folder'))).to.throw(/EISDIR/);
      expect(() => readSpend(path.join(own, 'none'), all)).to.throw(/ENOENT/);
    }));
});
