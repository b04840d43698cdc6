/** The whole fault wall by the built command, which starts a gateway of its own: no cell may be bad. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';

/** Cells in front of the present faces, faults and kinds of targets; one less is a hole in the wall. */
const LEAST_CELLS = 2_000;

describe('the fault wall', function () {
  this.timeout(400_000);

  it('has no silent truncation, no wrong answer, no hang and no double', async () => {
    const command = [commandScript(true), 'faultwall', '--json'];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const group = new ProcessGroup(child);
    try {
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      const { counts, cells } = JSON.parse(output) as {
        counts: Record<string, number>;
        cells: readonly { readonly verdict: string }[];
      };
      const bad = cells.filter(({ verdict }) => verdict === verdict.toUpperCase());
      expect(bad, errors).to.deep.equal([]);
      expect([code, counts.bad]).to.deep.equal([0, 0]);
      expect(counts.cells).to.be.at.least(LEAST_CELLS).and.equal(cells.length);
      // Every cell before content that has a second target is answered by it, or by the first.
      expect(counts['failed over']).to.be.greaterThan(500);
    } finally {
      await group.end();
    }
  });
});
