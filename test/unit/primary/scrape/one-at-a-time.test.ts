import { expect } from 'chai';
import { describe, it } from 'mocha';
import { oneAtATime } from '../../../../src/primary/scrape/one-at-a-time.ts';

/** Work whose steps the test controls. */
function heldWork(mayWait = true) {
  const runs: { taken: () => void; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const ask = oneAtATime(
    (taken) => new Promise<string>((resolve, reject) => runs.push({ taken, end: resolve, fail: reject })),
    () => mayWait,
  );
  const run = (index: number) => {
    const found = runs[index];
    if (found === undefined) throw new Error(`run ${index} has not begun`);
    return found;
  };
  return { ask, run, runs };
}

describe('oneAtATime', () => {
  it('shares a run among callers before its inputs are read', async () => {
    const { ask, run, runs } = heldWork();
    const answers = [ask(), ask()];
    run(0).taken();
    run(0).end('page');
    expect(await Promise.all(answers)).to.deep.equal(['page', 'page']);
    expect(runs).to.have.length(1);
  });

  it('shares the next run among callers after the inputs are read', async () => {
    const { ask, run, runs } = heldWork();
    const first = ask();
    run(0).taken();
    const later = [ask(), ask()];
    expect(runs).to.have.length(1);
    run(0).end('old');
    expect(await first).to.equal('old');
    const latest = ask();
    run(1).end('new');
    expect(await Promise.all([...later, latest])).to.deep.equal(['new', 'new', 'new']);
    expect(runs).to.have.length(2);
  });

  it('shares the present run also with later callers if there is no time for a second run', async () => {
    const { ask, run } = heldWork(false);
    const first = ask();
    run(0).taken();
    const second = ask();
    run(0).end('page');
    expect(await Promise.all([first, second])).to.deep.equal(['page', 'page']);
  });

  it('continues after a failed run', async () => {
    const { ask, run } = heldWork();
    const first = ask().catch((error: unknown) => error);
    run(0).taken();
    const second = ask();
    run(0).fail(new Error('broken'));
    expect(await first).to.be.instanceOf(Error);
    run(1).end('page');
    expect(await second).to.equal('page');
  });
});
