import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { OrphanFiles } from '../../../../src/primary/ledger/orphan-files.ts';
import { createOwnMetrics } from '../../../../src/primary/scrape/own-metrics.ts';
import { createScrape } from '../../../../src/primary/scrape/scrape.ts';
import { type Clock, systemClock } from '../../../../src/shared/clock.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { Counter, collectDefaultMetrics } from '../../../../src/shared/metrics/prom.ts';
import { writeWhole } from '../../../../src/shared/state/own-file.ts';
import { orphanPath } from '../../../../src/shared/state/state-files.ts';
import { createWorkerRegistry } from '../../../../src/worker/reporting/process-metrics.ts';
import { ledgerIn, snapshotOf } from '../../../helpers/ledger.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { jsonOf, requestEnded, seriesOfPage } from '../../../helpers/numbers.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const succeeded = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';
const some = (count: number) => Array.from({ length: count }, () => requestEnded());
const promtool = spawnSync('promtool', ['--version']).error === undefined;

describe('a scrape', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  const primary = (
    requestSnapshots: (ledger: ReturnType<typeof ledgerIn>['ledger']) => readonly string[] = () => [],
    clock: Clock = systemClock,
  ) => {
    const { ledger, carryOver, log } = ledgerIn(temporary.folder, { clock });
    const own = createOwnMetrics(testConfig({ openai: 1, anthropic: 2 }));
    const orphans = new OrphanFiles({ folder: temporary.folder, ledger, carryOver, clock, log });
    const scrape = createScrape({ ledger, own, orphans, clock, requestSnapshots: () => requestSnapshots(ledger) });
    return { ledger, own, scrape, page: async () => seriesOfPage(await scrape()) };
  };

  it('adds up retired, snapshots, tails and the zeros of the primary', async () => {
    const { ledger, page } = primary();
    for (const id of ['gone', 'a', 'b']) ledger.open(id, 0, process.pid);
    ledger.events('gone', 1, some(3));
    await ledger.close('gone');
    ledger.snapshot(await snapshotOf('a', some(10)));
    ledger.events('a', 9, some(4));
    ledger.events('b', 1, some(5));
    const series = await page();
    expect(series.get(succeeded)).to.equal(3 + 12 + 5);
    expect(series.get('llm_request_duration_seconds_count{provider="openai",status="success"}')).to.equal(20);
    expect(series.get('llm_requests_total{provider="anthropic",status="error",model="gpt-4"}')).to.equal(0);
  });

  it('waits for fresh snapshots and counts the workers that are late', async () => {
    const clock = new ManualClock();
    const { ledger, page } = primary(() => ['quick', 'hung', 'gone'], clock);
    ledger.open('quick', 0, process.pid);
    ledger.open('hung', 1, process.pid);
    ledger.events('hung', 1, some(2));
    clock.advance(1_000);
    const scraped = page();
    await eventually('it waits', () => clock.pending > 0);
    clock.advance(5);
    ledger.snapshot(await snapshotOf('quick', some(6)));
    clock.advance(70);
    const series = await scraped;
    expect(series.get(succeeded)).to.equal(8);
    expect(series.get('llm_scrape_late_workers')).to.equal(1);
    expect(series.get('llm_worker_snapshot_age_seconds{worker="0"}')).to.equal(0.07);
    expect(series.get('llm_worker_snapshot_age_seconds{worker="1"}')).to.equal(1.075);
  });

  it('writes a removed checkpoint again, and does not write an existing one', async () => {
    const { ledger, page } = primary();
    ledger.open('a', 0, process.pid);
    ledger.events('a', 1, some(2));
    await page();
    const checkpoint = path.join(temporary.folder, 'books.json');
    const { mtimeNs, ino } = statSync(checkpoint, { bigint: true });
    await page();
    expect(statSync(checkpoint, { bigint: true })).to.include({ mtimeNs, ino });
    temporary.remove();
    await page();
    expect(
      ledgerIn(temporary.folder)
        .ledger.orphans()
        .map(({ id }) => id),
    ).to.deep.equal(['a']);
  });

  it('does not wait when all workers have answered', async () => {
    const { ledger, page } = primary((ledger) => {
      setImmediate(() => ledger.snapshot({ workerId: 'a', sequence: 0, metrics: [] }));
      return ['a'];
    });
    ledger.open('a', 0, process.pid);
    expect((await page()).get('llm_scrape_late_workers')).to.equal(0);
  });

  it('is made once for simultaneous requests', async () => {
    let asked = 0;
    const { scrape } = primary(() => {
      asked += 1;
      return [];
    });
    const [first, second] = await Promise.all([scrape(), scrape()]);
    expect(asked).to.equal(1);
    expect(second).to.equal(first);
  });

  it('shows all counts from before its request, also while another one is made', async () => {
    // Pages that take no time: only one that is made slowly is shared with later requests.
    const { ledger, page } = primary(() => [], { ...systemClock, nowMs: () => 0 });
    ledger.open('a', 0, process.pid);
    let counted = 0;
    const scrapes: Promise<void>[] = [];
    for (let round = 0; round < 40; round += 1) {
      ledger.events('a', counted + 1, some(1));
      counted += 1;
      const atLeast = counted;
      scrapes.push(
        page().then((series) => {
          expect(series.get(succeeded)).to.be.at.least(atLeast);
        }),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(scrapes);
  });

  it("puts the primary's own counters into the checkpoint before it shows them", async () => {
    const declare = (own: ReturnType<typeof createOwnMetrics>) =>
      new Counter({ name: 'llm_worker_exits_total', help: 'x', registers: [own.registry], aggregator: 'sum' });
    const first = primary();
    declare(first.own).inc(2);
    expect((await first.page()).get('llm_worker_exits_total')).to.equal(2);
    const second = primary();
    declare(second.own);
    expect((await second.page()).get('llm_worker_exits_total')).to.equal(2);
  });

  it("is refused until the counts of a previous primary's worker are known", async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    try {
      const { ledger } = ledgerIn(temporary.folder);
      ledger.open('a', 0, child.pid ?? 0);
      ledger.events('a', 1, some(4));
      const { page } = primary();
      const refusal: unknown = await page().catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(GatewayError);
      expect(refusal).to.include({ code: 'metrics_unavailable', status: 503 });
      const snapshot = await snapshotOf('a', some(4));
      writeWhole(orphanPath(temporary.folder, 'a'), JSON.stringify(snapshot));
      // A page waits for the file a short time only, which may pass on a busy machine.
      const later = await eventually('the counts are known', () => page().catch(() => null));
      expect(later.get(succeeded)).to.equal(4);
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  });

  const withPromtool = promtool ? it : it.skip;
  withPromtool(`makes a page that promtool accepts${promtool ? '' : ' (promtool is not installed)'}`, async () => {
    const { ledger, own, scrape } = primary();
    collectDefaultMetrics({ register: own.registry, prefix: 'primary_' });
    for (const { name } of own.registry.getMetricsAsArray()) {
      if (/^primary_nodejs_active_.*_total$/.test(name)) own.registry.removeSingleMetric(name);
    }
    for (const slot of [0, 1]) {
      const { registry, showInFlight } = createWorkerRegistry(slot);
      showInFlight(() => 3);
      ledger.open(`worker-${slot}`, slot, process.pid);
      ledger.snapshot({ workerId: `worker-${slot}`, sequence: 0, metrics: await jsonOf(registry) });
      ledger.events(`worker-${slot}`, 1, [
        ...some(2),
        { type: 'first-content', provider: 'openai', model: 'gpt-4', seconds: 0.25 },
        { type: 'tokens', provider: 'openai', model: 'gpt-4', key: 'default', nanoUsd: null, counts: { input: 12 } },
      ]);
    }
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(), encoding: 'utf8' });
    expect(checked.stdout + checked.stderr).to.equal('');
    expect(checked.status).to.equal(0);
  });
});
