import { fork } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { readWorkerMessage } from '../../src/shared/ipc.ts';
import { everything, ledgerIn } from '../helpers/ledger.ts';
import { total } from '../helpers/numbers.ts';

const child = fileURLToPath(new URL('../helpers/counting-child.ts', import.meta.url));

/** Blocks this process like a primary that is busy or suspended. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a worker that is killed immediately after it released a response', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  /** Runs a child until it kills itself. The reader blocks for `blockMs` at the first message or at each one. */
  const runToDeath = async (untilDeath: number, perTurn: number, blockMs: number, once: boolean) => {
    const { ledger } = ledgerIn(temporary.folder);
    const worker = fork(child, [String(untilDeath), String(perTurn)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    try {
      ledger.open('a', 0, worker.pid ?? 0);
      let acknowledged = 0;
      const pipe = worker.stdio[4];
      if (!(pipe instanceof Readable)) throw new Error('no pipe for acknowledgements');
      pipe.on('data', (bytes: Buffer) => {
        acknowledged += bytes.length;
      });
      let messages = 0;
      worker.on('message', (value: unknown) => {
        const message = readWorkerMessage(value);
        if (typeof message === 'string' || message.type !== 'events') return;
        ledger.events('a', message.first, message.events);
        messages += 1;
        if (!once || messages === 1) block(blockMs);
      });
      const ends = ['exit', 'disconnect'].map((event) => new Promise((resolve) => worker.once(event, resolve)));
      await Promise.all([...ends, new Promise((resolve) => pipe.once('close', resolve))]);
      expect(worker.signalCode).to.equal('SIGKILL');
      await ledger.close('a');
      return { acknowledged, counted: total(await everything(ledger), 'llm_requests_total') };
    } finally {
      worker.kill('SIGKILL');
    }
  };

  for (const { reader, untilDeath, perTurn, blockMs, once } of [
    { reader: 'immediately', untilDeath: 300, perTurn: 1, blockMs: 0, once: true },
    { reader: 'in large messages', untilDeath: 2000, perTurn: 20, blockMs: 0, once: true },
    { reader: 'by a primary busy at each message', untilDeath: 150, perTurn: 1, blockMs: 3, once: false },
    { reader: 'after its death, by a primary that was blocked', untilDeath: 60, perTurn: 1, blockMs: 600, once: true },
    { reader: 'by a primary whose pipe was full', untilDeath: 1000, perTurn: 1, blockMs: 600, once: true },
  ]) {
    it(`has all its released responses counted when it is read ${reader}`, async () => {
      const { acknowledged, counted } = await runToDeath(untilDeath, perTurn, blockMs, once);
      expect(acknowledged).to.equal(untilDeath);
      expect(counted).to.be.at.least(acknowledged);
    });
  }
});
