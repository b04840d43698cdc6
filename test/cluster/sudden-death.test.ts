import { fork } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { isWorkerMessage } from '../../src/shared/ipc.ts';
import { everything, ledgerIn } from '../helpers/ledger.ts';
import { total } from '../helpers/numbers.ts';

const child = fileURLToPath(new URL('../helpers/counting-child.ts', import.meta.url));

/** Blocks this whole process, as a primary that is busy or stopped does. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a worker killed the moment after a response was released', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  /** Runs a child to its death, read by a primary that stands still as told, once or at each message. */
  const liveAndDie = async (untilDeath: number, perTurn: number, stillMs: number, once: boolean) => {
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
      worker.on('message', (message: unknown) => {
        if (!isWorkerMessage(message) || message.type !== 'events') return;
        ledger.events('a', message.first, message.events);
        messages += 1;
        if (!once || messages === 1) standStill(stillMs);
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

  for (const { reader, untilDeath, perTurn, stillMs, once } of [
    { reader: 'at once', untilDeath: 300, perTurn: 1, stillMs: 0, once: true },
    { reader: 'in large messages', untilDeath: 2000, perTurn: 20, stillMs: 0, once: true },
    { reader: 'by a primary busy at each message', untilDeath: 150, perTurn: 1, stillMs: 3, once: false },
    { reader: 'after its death, by a primary that stood still', untilDeath: 60, perTurn: 1, stillMs: 600, once: true },
    { reader: 'by a primary whose pipe was full', untilDeath: 1000, perTurn: 1, stillMs: 600, once: true },
  ]) {
    it(`is counted with all that it had released, when read ${reader}`, async () => {
      const { acknowledged, counted } = await liveAndDie(untilDeath, perTurn, stillMs, once);
      expect(acknowledged).to.equal(untilDeath);
      expect(counted).to.be.at.least(acknowledged);
    });
  }
});
