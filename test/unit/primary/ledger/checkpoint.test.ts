import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { hostIdentity } from '../../../../src/primary/host/process-identity.ts';
import { Checkpoint, type CheckpointState } from '../../../../src/primary/ledger/checkpoint.ts';
import { carryOverOf } from '../../../helpers/ledger.ts';
import { folded, keptLog, requestEnded } from '../../../helpers/numbers.ts';

describe('Checkpoint', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  const open = (folder = temporary.folder) => {
    const { log, messages, entries } = keptLog();
    return { checkpoint: new Checkpoint({ folder, carryOver: carryOverOf(log), log }), messages, entries };
  };
  const file = () => path.join(temporary.folder, 'books.json');
  const state = async (): Promise<CheckpointState> => ({
    retired: await folded([requestEnded()]),
    own: [],
    living: [{ id: 'a', slot: 0, pid: 17, start: '4711', counted: true }],
    circuits: {
      wallMs: 1_000,
      upstreams: { openai: 'c0ffee' },
      circuits: [{ provider: 'openai', model: 'm', state: 'open', remainingMs: 900, failedProbes: 1, failures: 6 }],
      cooldowns: [{ provider: 'openai', model: null, remainingMs: 60_000, reason: 'auth', streak: 1 }],
    },
    epoch: 'first',
  });
  /** Changes one field of the checkpoint on the disk. */
  const change = (field: string, value: unknown) => {
    const json: unknown = JSON.parse(readFileSync(file(), 'utf8'));
    writeFileSync(file(), JSON.stringify({ ...(typeof json === 'object' ? json : {}), [field]: value }));
  };

  it('come back as they were written', async () => {
    const written = await state();
    expect(open().checkpoint.write(written)).to.equal(true);
    expect(open().checkpoint.read()).to.deep.equal(written);
    expect(readdirSync(temporary.folder)).to.deep.equal(['books.json']);
  });

  it('are absent without a word where none were written', () => {
    const { checkpoint, messages } = open(path.join(temporary.folder, 'none'));
    expect(checkpoint.read()).to.equal(null);
    expect(messages).to.deep.equal([]);
  });

  it('are gone after a clean stop', async () => {
    const { checkpoint } = open();
    checkpoint.write(await state());
    checkpoint.remove();
    checkpoint.remove();
    expect(open().checkpoint.read()).to.equal(null);
    checkpoint.write(await state());
    expect(checkpoint.current).to.equal(false);
  });

  it('tell whether they are still there', async () => {
    const { checkpoint } = open();
    expect(checkpoint.current).to.equal(false);
    checkpoint.write(await state());
    expect(checkpoint.current).to.equal(true);
    temporary.remove();
    expect(checkpoint.current).to.equal(false);
  });

  it('are not current while they cannot be written, and are as soon as they can', async () => {
    const folder = path.join(temporary.folder, 'state');
    const { checkpoint, messages } = open(folder);
    checkpoint.write(await state());
    // A file in the place of the folder stops root too.
    renameSync(folder, `${folder}-kept`);
    writeFileSync(folder, '');
    expect(checkpoint.write(await state())).to.equal(false);
    expect(checkpoint.problem).to.equal('EEXIST');
    rmSync(folder);
    renameSync(`${folder}-kept`, folder);
    expect(checkpoint.current).to.equal(false);
    expect(checkpoint.write(await state())).to.equal(true);
    expect(checkpoint.current).to.equal(true);
    expect(messages).to.deep.equal([
      'state_dir cannot be written: a crash would lose the counts so far',
      'state_dir can be written again',
    ]);
  });

  it('are read after the host was renamed, as long as it was not booted again', async () => {
    const written = await state();
    open().checkpoint.write(written);
    change('host', `renamed ${hostIdentity().split(' ').at(-1)}`);
    expect(open().checkpoint.read()).to.deep.equal(written);
  });

  for (const [field, value, reason] of [
    ['host', 'elsewhere', 'it is from another host, or from before the last boot'],
    ['retired', 'none', 'the file is broken'],
    ['living', [{ id: 1 }], 'the file is broken'],
  ] as const) {
    it(`are refused with one line for another ${field}`, async () => {
      open().checkpoint.write(await state());
      change(field, value);
      const { checkpoint, messages } = open();
      expect(checkpoint.read()).to.equal(null);
      expect(messages).to.deep.equal([`checkpoint refused, counters begin at 0: ${reason}`]);
    });
  }

  it('come back from a file of the first version, and from one of a later version', async () => {
    const written = await state();
    open().checkpoint.write(written);
    change('protocol', 2);
    change('schema', 'c0ffee');
    change('spend', { of: 'a later version' });
    expect(open().checkpoint.read()).to.deep.equal(written);
  });

  it('lose circuits that cannot be read, and those of a version without any, but no numbers', async () => {
    const written = await state();
    open().checkpoint.write(written);
    for (const circuits of [undefined, null, 'all', { ...written.circuits, cooldowns: [{ provider: 1 }] }]) {
      change('circuits', circuits);
      expect(open().checkpoint.read()).to.deep.equal({ ...written, circuits: null });
    }
  });

  it('lose the metrics that do not agree with those of this version, and nothing else, with one line', async () => {
    const { retired, ...others } = await state();
    open().checkpoint.write({ retired, ...others });
    const labelled = { ...retired[0], values: [{ value: 3, labels: { region: 'eu' } }] };
    change('retired', [labelled, ...retired.slice(1), { of: 'a later version' }]);
    const { checkpoint, entries } = open();
    expect(checkpoint.read()).to.deep.equal({ retired: retired.slice(1), ...others });
    expect(entries).to.have.length(1);
    expect(entries[0]).to.deep.include({ metrics: [retired[0]?.name, 'a metric without a name'] });
  });

  it('are refused with one line when cut off', async () => {
    open().checkpoint.write(await state());
    writeFileSync(file(), readFileSync(file(), 'utf8').slice(0, 100));
    const { checkpoint, messages } = open();
    expect(checkpoint.read()).to.equal(null);
    expect(messages).to.deep.equal(['checkpoint refused, counters begin at 0: the file is broken']);
  });

  it('cost one warning without a stack where they cannot be written, and are written again once they can', async () => {
    const folder = path.join(temporary.folder, 'blocked');
    writeFileSync(folder, '');
    const { checkpoint, entries } = open(folder);
    const unwritten = await state();
    expect(checkpoint.write(unwritten)).to.equal(false);
    expect(checkpoint.write(unwritten)).to.equal(false);
    expect(checkpoint.writable).to.equal(false);
    expect(entries).to.have.length(1);
    expect(entries[0])
      .to.have.property('reason')
      .that.matches(/^EEXIST: /);
    expect(entries[0]).not.to.have.property('err');
    temporary.remove();
    expect(checkpoint.write(unwritten)).to.equal(true);
    expect(checkpoint.writable).to.equal(true);
  });
});
