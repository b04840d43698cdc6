import type { ChildProcess } from 'node:child_process';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { lineWith } from '../../../scripts/processes/line-with.ts';
import { statusAnswer } from '../../../src/cli/status-answer.ts';
import { eventLine } from '../../../src/cli/top/event-line.ts';
import { modelRows } from '../../../src/cli/top/model-rows.ts';
import { screenLines } from '../../../src/cli/top/screen.ts';
import { type Screen, watch } from '../../../src/cli/top/top.ts';
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

const plain = (_tone: string, text: string) => text;

async function shown(size: Screen['size'], events: readonly object[], options = { json: false }) {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  await watch(gatewayThatSends(...events), { size, paint: plain, write }, { ...options, retryMs: null });
  return written;
}

const figures = {
  requestsPerSecond: 12.25,
  errorShare: { client: 0, policy: 0, provider: 0.25, gateway: 0 },
  p50Ms: 120,
  p99Ms: 4200,
  firstContentMs: 80,
  outputTokensPerSecond: 340,
  usdPerHour: 1.5,
  unpriced: 0,
};
const target = { state: 'closed', openUntil: null, failures: 0, barred: false };
const broken = statusAnswer.parse({
  ...status,
  hostname: 'host-1',
  verdict: {
    level: 'page',
    sentence: 'fast: no target left, 25 % of requests fail since 14:02, provider azure-eu',
    since: '2026-11-27T13:02:00Z',
    findings: [
      {
        alert: 'HeadgateErrors',
        severity: 'page',
        sentence: 'no target left',
        since: '2026-11-27T13:02:00Z',
        model: 'fast',
        provider: 'azure-eu',
        cure: 'look at azure-eu',
        runbook: 'x',
      },
    ],
  },
  models: [
    { name: 'calm', targets: [{ provider: 'openai', model: 'gpt' }] },
    { name: 'limited', targets: [{ provider: 'openai', model: 'small' }] },
    { name: 'fast', targets: [{ provider: 'azure-eu', model: 'dep' }] },
  ],
  targets: [
    { provider: 'openai', model: 'gpt', ...target },
    { provider: 'openai', model: 'small', ...target },
    { provider: 'azure-eu', model: 'dep', ...target, state: 'open', openUntil: '2026-11-27T13:02:42Z' },
  ],
  rests: [{ provider: 'openai', model: 'small', remainingMs: 8500, reason: 'rate_limited' }],
  traffic: {
    windowSeconds: 60,
    models: [{ model: 'fast', ...figures }],
    targets: [{ model: 'fast', provider: 'azure-eu', upstreamModel: 'dep', share: 1, ...figures }],
    providers: [],
  },
});
const now = Date.parse('2026-11-27T13:02:30Z');

describe('the screen of top', () => {
  const lines = screenLines({ status: broken, lost: null, wallMs: now }, { columns: 80, rows: 24 }, plain);

  it('fits 80 columns and 24 rows', () => {
    expect(lines.length).to.be.at.most(24);
    for (const line of lines) expect(line.length, line).to.be.at.most(80);
  });

  it('begins with the verdict and what to do', () => {
    expect(lines[0]).to.match(/^headgate 1\.2\.3 on host-1 .*\d\d:\d\d:\d\d[+-]\d\d:\d\d {2}q quits$/);
    expect(lines[1]?.trimEnd()).to.equal(broken.verdict?.sentence);
    expect(lines[2]?.trimEnd()).to.equal('→ look at azure-eu');
    const [, one, two, three, four] = screenLines(
      {
        lost: null,
        wallMs: now,
        status: {
          ...broken,
          verdict: { level: 'page', since: null, ...{ sentence: `${'word '.repeat(20)}the cause`, findings: [] } },
        },
      },
      { columns: 80, rows: 24 },
      plain,
    );
    expect([one, two?.trimEnd()]).to.deep.equal([
      `${'word '.repeat(16).trimEnd()} `,
      '  word word word word the cause',
    ]);
    expect([three, four?.slice(0, 5)]).to.deep.equal(['', 'MODEL']);
  });

  it('has what else is wrong below that, with its cure, and says how much more there is', () => {
    const finding = (sentence: string) => ({
      ...{ alert: 'A', severity: 'page', since: '', model: null, provider: null, runbook: '' },
      ...{ sentence, cure: `mend ${sentence}` },
    });
    const findings = ['one', 'two', 'three', 'four'].map(finding);
    const verdict = { level: 'page', since: null, sentence: 'one', findings };
    const status = { ...broken, verdict };
    const shown = screenLines({ status, lost: null, wallMs: now }, { columns: 80, rows: 24 }, plain);
    expect(shown.slice(1, 8).map((line) => line.trimEnd())).to.deep.equal([
      ...['one', '→ mend one', 'two', '→ mend two', 'three', '→ mend three'],
      '… 1 further finding: headgate status',
    ]);
  });

  it('has the models that fail first, then those without a target, then the others in their order', () => {
    const names = lines
      .map((line) => line.split(' ')[0])
      .filter((name) => ['calm', 'limited', 'fast'].includes(name ?? ''));
    expect(names).to.deep.equal(['fast', 'limited', 'calm']);
  });

  it('ranks models by what the verdict says, then by the part that fails, and keeps the order of those that are alike', () => {
    const of = (model: string, provider: number, client = 0) => {
      return { model, ...figures, errorShare: { client, policy: 0, provider, gateway: 0 } };
    };
    const finding = (model: string, severity: string) => ({ ...broken.verdict?.findings[0], model, severity });
    const ranked = modelRows(
      statusAnswer.parse({
        ...broken,
        verdict: {
          ...broken.verdict,
          findings: [finding('w1', 'warn'), finding('p1', 'page'), finding('w2', 'warn'), finding('p2', 'page')],
        },
        models: ['n1', 'n2', 'n3', 'limited', 'n4', 'w1', 'w2', 'p1', 'p2'].map((name) => {
          const target = { provider: 'openai', model: name === 'limited' ? 'small' : 'gpt' };
          return { name, targets: [target] };
        }),
        traffic: {
          ...broken.traffic,
          targets: [],
          models: [
            of('n1', 0, 0.9),
            of('n3', 0.3),
            of('n4', 0.01),
            of('w1', 0.1),
            of('w2', 0.9),
            of('p1', 0.2),
            of('p2', 0.6),
          ],
        },
      }),
      now,
    ).flatMap(({ name }) => (name.startsWith(' ') ? [] : name));
    expect(ranked).to.deep.equal(['p2', 'p1', 'w2', 'w1', 'n3', 'limited', 'n1', 'n2', 'n4']);
  });

  it('shows at a target what fails there, though another one answers', () => {
    const status = statusAnswer.parse({
      ...broken,
      traffic: {
        ...broken.traffic,
        targets: [],
        attempts: [
          { provider: 'azure-eu', upstreamModel: 'dep', failedShare: 1 },
          { provider: 'openai', upstreamModel: 'gpt', failedShare: 0 },
        ],
      },
    });
    const rows = screenLines({ status, lost: null, wallMs: now }, { columns: 80, rows: 24 }, plain);
    expect(rows.find((row) => row.includes('azure-eu/dep'))).to.match(/open 12s +100%$/);
    expect(rows.find((row) => row.includes('openai/gpt'))).to.match(/closed$/);
  });

  it('has the worst first among those that fail', () => {
    const finding = (model: string) => ({ ...broken.verdict?.findings[0], model });
    const failing = (model: string, provider: number) => ({
      ...{ model, ...figures },
      errorShare: { ...figures.errorShare, provider },
    });
    const models = ['a', 'b', 'c', 'd'].map((name) => ({ name, targets: [] }));
    const status = statusAnswer.parse({
      ...broken,
      models,
      verdict: { ...broken.verdict, findings: ['b', 'c', 'd'].map(finding) },
      traffic: { ...broken.traffic, models: [failing('b', 0.21), failing('c', 0.2), failing('d', 1)] },
    });
    const rows = screenLines({ status, lost: null, wallMs: now }, { columns: 80, rows: 24 }, plain);
    expect(rows.map((row) => row.split(' ')[0]).filter((name) => /^[a-d]$/.test(name ?? ''))).to.deep.equal([
      ...['d', 'b', 'c', 'a'],
    ]);
  });

  it("shows a target's circuit or cooldown with the time that is left, and its figures", () => {
    const line = (name: string) => lines.find((each) => each.includes(name)) ?? '';
    expect(line('azure-eu/dep')).to.match(/ open 12s +100% +12 +25% +120ms +4\.2s +80ms +340$/);
    expect(line('openai/small')).to.include('cooling 9s');
    expect(line('openai/gpt')).to.include('closed');
  });

  it('keeps what was known while there is no connection, and says for how long', () => {
    const lost = { sinceMs: now - 7000, why: 'nothing answers' };
    const kept = screenLines({ status: broken, lost, wallMs: now }, { columns: 80, rows: 24 }, plain);
    expect(kept[1]?.trimEnd()).to.equal('no connection for 7 s: nothing answers');
    expect(kept.join('\n')).to.include('azure-eu/dep');
  });

  it('says how many lines it leaves out of a small terminal', () => {
    const small = screenLines({ status: broken, lost: null, wallMs: now }, { columns: 40, rows: 9 }, plain);
    expect(small).to.have.length(9);
    expect(small.join('\n')).to.match(/… \d further lines/);
    for (const line of small) expect(line.length).to.be.at.most(40);
  });
});

describe('top', () => {
  it('redraws one screen with each status on a terminal', async () => {
    const written = await shown({ columns: 80, rows: 24 }, [{ type: 'status', status: broken }]);
    for (const screen of written) expect(screen.startsWith('\x1b[H') && screen.endsWith('\x1b[J')).to.equal(true);
    expect(written[1]).to.include('azure-eu/dep');
    expect(written.at(-1)).to.include('no connection for 0 s: the gateway has ended').and.to.include('azure-eu/dep');
  });

  it('asks an older gateway, which sends no status', async () => {
    const written = await shown({ columns: 80, rows: 24 }, [rates]);
    expect(written[1]).to.include('this version judges nothing').and.to.include('1 worker ready, 2 requests in flight');
  });

  it('writes a line with the local time for each event if there is no terminal, and the verdict when it changes', async () => {
    const event = { type: 'worker', slot: 1, pid: 7, state: 'ready' };
    const state = { type: 'status', status: broken };
    const written = await shown(null, [rates, event, state, state]);
    expect(written.map((line) => line.slice(line.indexOf(' ', 11) + 1))).to.deep.equal([
      '12.5 requests/s, 1 errors/s, openai 12 (1 failed), anthropic 1\n',
      'worker 1 (pid 7) is ready\n',
      `${broken.verdict?.sentence}\n`,
      'no connection: the gateway has ended\n',
    ]);
    expect(written[0]).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d 12/);
  });

  it('writes events as JSON, a line each, if it is asked to', async () => {
    const written = await shown(null, [rates], { json: true });
    expect(written.map((line) => JSON.parse(line))).to.deep.equal([rates]);
  });

  it('names the circuit of an event', () => {
    expect(eventLine({ type: 'circuit', provider: 'openai', state: 'open' })).to.equal('the circuit of openai is open');
    const ofTarget = { type: 'circuit', provider: 'openai', model: 'gpt-4', state: 'closed' } as const;
    expect(eventLine(ofTarget)).to.equal('the circuit of openai/gpt-4 is closed');
  });

  it('skips unknown events', async () => {
    const written = await shown(null, [{ type: 'news', of: 'a later version' }, { type: 'circuit' }]);
    expect(written).to.have.length(1);
  });
});

describe('the top command', () => {
  const place = new Workplace();
  let admin: readonly string[] = [];
  let gateway: ChildProcess | null = null;

  before(async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '1']);
    gateway = child;
    admin = ['--admin-port', String(JSON.parse(await lineWith(child.stdout, '"serving"')).adminPort)];
  });
  after(() => place.leave());

  it('prints the rates each second, and changes as they happen', async () => {
    const top = place.start(['top', ...admin]);
    expect(await lineWith(top.stdout, 'requests/s')).to.match(/ 0 requests\/s, 0 errors\/s$/);
    const replaced = lineWith(top.stdout, 'is gone');
    await place.run(['restart', ...admin]);
    expect(await replaced).to.match(/ worker 0 \(pid \d+\) is gone$/);
    top.kill('SIGINT');
  });

  it('goes on with the next primary', async () => {
    const top = place.start(['top', ...admin]);
    await lineWith(top.stdout, 'requests/s');
    const again = lineWith(top.stdout, 'connected again');
    const lost = lineWith(top.stdout, 'no connection');
    gateway?.kill('SIGTERM');
    expect(await lost).to.include('no connection: ');
    place.start(['serve', '--demo', '--port', '0', ...admin, '--workers', '1']);
    expect(await again).to.match(/ connected again$/);
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
