import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { lineWith } from '../../../scripts/processes/line-with.ts';
import { CommandError } from '../../../src/cli/failures.ts';
import { eventLine, type Screen, watch } from '../../../src/cli/top.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

const status = {
  version: '1.2.3',
  primary: { pid: 10, uptimeSeconds: 61 },
  workers: [{ slot: 0, pid: 11, state: 'ready', inFlight: 2, snapshotAgeMs: 500 }],
  circuits: [{ provider: 'openai', state: 'closed', openUntil: null, failures: 0 }],
  rests: [],
  models: [],
  config: { version: 1, loadedAt: '' },
};

const rates = {
  type: 'rates',
  requestsPerSecond: 12.5,
  errorsPerSecond: 1,
  providers: { openai: { requests: 12, errors: 1 }, anthropic: { requests: 1, errors: 0 } },
} as const;

/** A gateway that sends these events and ends. */
function gatewayThatSends(...events: readonly object[]) {
  return {
    get: async () => status,
    async *lines() {
      yield ': live';
      for (const event of events) yield* ['event: any', `data: ${JSON.stringify(event)}`, ''];
    },
  };
}

async function shown(size: Screen['size'], ...events: readonly object[]) {
  const written: string[] = [];
  const failure: unknown = await watch(gatewayThatSends(...events), {
    size,
    write: (text) => void written.push(text),
  }).catch((error: unknown) => error);
  return { written, failure };
}

describe('top', () => {
  it('redraws one screen with each event on a terminal', async () => {
    const { written } = await shown({ columns: 80, rows: 24 }, rates, {
      type: 'circuit',
      provider: 'openai',
      state: 'open',
    });
    expect(written).to.have.length(3);
    for (const screen of written) expect(screen.startsWith('\x1b[H') && screen.endsWith('\x1b[J')).to.equal(true);
    const lines = written[1]?.replaceAll('\x1b[K', '').split('\n') ?? [];
    expect(lines[0]).to.equal('\x1b[H12.5 requests/s, 1 errors/s');
    expect(lines).to.include.members(['last second  requests  errors', 'openai       12        1']);
    expect(lines).to.include.members([
      'headgate 1.2.3, pid 10, up 1m 1s, configuration version 1',
      'openai   closed  0',
    ]);
    expect(written[2]).to.contain('12.5 requests/s');
  });

  it('writes no more than fits on the terminal', async () => {
    const { written } = await shown({ columns: 10, rows: 4 }, rates);
    const lines = (written.at(-1) ?? '').slice('\x1b[H'.length).split('\x1b[K\n');
    expect(lines).to.have.length(4);
    for (const line of lines.slice(0, -1)) expect(line.length).to.be.at.most(10);
  });

  it('writes a line with the time for each event if there is no terminal', async () => {
    const { written } = await shown(null, rates, { type: 'worker', slot: 1, pid: 7, state: 'ready' });
    expect(written).to.have.length(2);
    expect(written[1]).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z worker 1 \(pid 7\) is ready\n$/);
  });

  it('writes all data of an event in its line', () => {
    expect(eventLine(rates)).to.equal('12.5 requests/s, 1 errors/s, openai 12 (1 failed), anthropic 1');
    expect(eventLine({ type: 'circuit', provider: 'openai', state: 'open' })).to.equal('the circuit of openai is open');
    const ofTarget = { type: 'circuit', provider: 'openai', model: 'gpt-4', state: 'closed' } as const;
    expect(eventLine(ofTarget)).to.equal('the circuit of openai/gpt-4 is closed');
  });

  it('skips unknown events', async () => {
    const { written } = await shown(null, { type: 'news', of: 'a later version' }, { type: 'circuit' });
    expect(written).to.deep.equal([]);
  });

  it('ends when the gateway ends', async () => {
    const { failure } = await shown(null);
    expect(failure).to.be.instanceOf(CommandError).with.property('message', 'the gateway has ended');
  });
});

describe('the top command', () => {
  const place = new Workplace();
  let admin: readonly string[] = [];

  before(async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '1']);
    admin = ['--admin-port', String(JSON.parse(await lineWith(child.stdout, '"serving"')).adminPort)];
  });
  after(() => place.leave());

  it('prints the rates each second, and changes as they happen', async () => {
    const top = place.start(['top', ...admin]);
    expect(await lineWith(top.stdout, 'requests/s')).to.match(/^\S+Z 0 requests\/s, 0 errors\/s$/);
    const replaced = lineWith(top.stdout, 'is gone');
    await place.run(['restart', ...admin]);
    expect(await replaced).to.match(/ worker 0 \(pid \d+\) is gone$/);
    top.kill('SIGINT');
  });

  it('fails with a message if no gateway answers', async () => {
    // The command also asks the data port, and another gateway of this machine may have the default one.
    place.write('headgate.yaml', `server: { port: ${await freePort()} }\n${smallest}`);
    const { code, stderr } = await place.run(['top', '--admin-port', '1']);
    expect(stderr).to.equal('headgate: nothing answers at http://127.0.0.1:1: is headgate running?\n');
    expect(code).to.equal(1);
  });
});
