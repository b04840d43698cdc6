import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CommandError } from '../../../src/cli/failures.ts';
import { awaitSuccessor } from '../../../src/cli/restart.ts';

const before = { pid: 10, uptimeSeconds: 600 };

function statusOf(pid: number, uptimeSeconds: number) {
  return {
    version: '1',
    primary: { pid, uptimeSeconds },
    workers: [],
    circuits: [],
    rests: [],
    models: [],
    config: { version: 1, loadedAt: '' },
  };
}

/**
 * A gateway that shows the next step after each wait, and the last step from then on. A step is the primary's pid, its
 * uptime and whether it is ready; null if there is no primary.
 */
function gatewayOf(...steps: readonly (readonly [pid: number, uptimeSeconds: number, ready: boolean] | null)[]) {
  let polls = 0;
  const client = {
    async get(path: string): Promise<unknown> {
      const step = steps[Math.min(polls, steps.length) - 1];
      if (step === null || step === undefined) throw new CommandError('nothing answers');
      const [pid, uptimeSeconds, ready] = step;
      if (path === '/api/status') return statusOf(pid, uptimeSeconds);
      if (!ready) throw new CommandError('answers 503');
      return { ready };
    },
  };
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    polls += 1;
  };
  return { client, waits, wait };
}

describe('the wait for the next primary', () => {
  it('lasts until another primary runs and is ready', async () => {
    const { client, waits, wait } = gatewayOf([10, 600, true], null, [11, 0, false], [11, 1, true]);
    expect(await awaitSuccessor(client, before, wait)).to.equal(11);
    expect(waits).to.have.length(4);
  });

  it('recognises a new primary with the same pid, as in a container, by its uptime', async () => {
    const { client, wait } = gatewayOf([10, 601, true], null, [10, 0, true]);
    expect(await awaitSuccessor(client, before, wait)).to.equal(10);
  });

  it('ends after half a minute with an error that names the supervisor and where to look', async () => {
    const { client, waits, wait } = gatewayOf(null);
    const failure = await awaitSuccessor(client, before, wait).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(CommandError).with.property('message').that.contains('supervisor');
    expect(failure).to.have.property('message').that.contains('`headgate check` and the log say why');
    expect(waits.reduce((sum, ms) => sum + ms, 0)).to.equal(30_000);
  });

  it('rethrows an error that is a bug', async () => {
    const bug = new TypeError('bug');
    const client = { get: () => Promise.reject(bug) };
    expect(await awaitSuccessor(client, before, async () => undefined).catch((error: unknown) => error)).to.equal(bug);
  });
});
