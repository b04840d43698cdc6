import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import type { Fetched } from '../../../../../src/providers/credentials/fetching.ts';
import { Refresh } from '../../../../../src/providers/credentials/refresh/refresh.ts';
import type { HeldCredentials } from '../../../../../src/shared/held-credentials.ts';
import { ManualClock } from '../../../../helpers/manual-clock.ts';

const HOUR_MS = 3_600_000;

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the refresh of credentials', () => {
  let clock: ManualClock;
  let fetches: number;
  let answer: () => Promise<Fetched>;
  let got: [HeldCredentials, boolean][];
  let failures: string[];

  beforeEach(() => {
    clock = new ManualClock();
    [fetches, got, failures] = [0, [], []];
    answer = async () => lasting(HOUR_MS);
  });

  const lasting = (lifeMs: number | null): Fetched => ({
    values: { token: `token-${fetches}` },
    expiresAtMs: lifeMs === null ? null : clock.wallMs() + lifeMs,
  });

  function refresh(held: HeldCredentials | null = null): Refresh {
    return new Refresh(
      {
        identity: 'i',
        fetch: () => {
          fetches += 1;
          return answer();
        },
        clock,
        random: () => 0,
        succeeded: (fresh, isNew) => got.push([fresh, isNew]),
        failed: (reason) => failures.push(reason),
      },
      held,
    );
  }

  async function advance(milliseconds: number): Promise<void> {
    clock.advance(milliseconds);
    await settled();
  }

  it('fetches at its start, and again 5 minutes before the end', async () => {
    const kept = refresh();
    await kept.start();
    expect(kept.held).to.deep.include({ identity: 'i', version: 1, values: { token: 'token-1' } });
    await advance(HOUR_MS - 300_001);
    expect(fetches).to.equal(1);
    await advance(1);
    expect(kept.held).to.deep.include({ version: 2, values: { token: 'token-2' } });
    expect(got.map(([{ version }, isNew]) => [version, isNew])).to.deep.equal([
      [1, true],
      [2, true],
    ]);
  });

  it('fetches short ones at half of their life, and those without an end every 5 minutes', async () => {
    answer = async () => lasting(60_000);
    await refresh().start();
    await advance(30_000);
    expect(fetches).to.equal(2);
    answer = async () => ({ values: { token: 'same' }, expiresAtMs: null });
    await advance(30_000);
    await advance(300_000);
    expect(fetches).to.equal(4);
    expect(got.at(-1)?.[1], 'the same are no news').to.equal(false);
    expect(got.at(-1)?.[0].version).to.equal(3);
  });

  it('makes one fetch, whoever asks', async () => {
    const open = Promise.withResolvers<Fetched>();
    answer = () => open.promise;
    const kept = refresh();
    const asked = [kept.start(), kept.renew(0), kept.renew(0)];
    open.resolve(lasting(HOUR_MS));
    await Promise.all(asked);
    expect(fetches).to.equal(1);
  });

  it('keeps what it has while fetches fail, ever more rarely, and recovers', async () => {
    const kept = refresh();
    await kept.start();
    answer = () => Promise.reject(new Error('no answer'));
    await advance(HOUR_MS - 300_000);
    expect(kept.held?.version).to.equal(1);
    expect(kept.problem).to.equal('no answer');
    for (const [waitMs, count] of [
      [1_000, 3],
      [2_000, 4],
      [4_000, 5],
    ] as const) {
      await advance(waitMs - 1);
      expect(fetches).to.equal(count - 1);
      await advance(1);
      expect(fetches).to.equal(count);
    }
    for (let rest = 0; rest < 8; rest += 1) await advance(60_000);
    expect(fetches, 'at most once a minute').to.be.within(12, 14);
    expect(failures.length).to.equal(fetches - 1);
    answer = async () => lasting(HOUR_MS);
    await advance(60_000);
    expect(kept.problem).to.equal(null);
    expect(kept.held?.version).to.equal(2);
  });

  it('fetches at once what a provider refuses, unless it is fresh, or another is there already', async () => {
    const kept = refresh();
    await kept.start();
    await kept.renew(1);
    expect(fetches, 'fresh').to.equal(1);
    await advance(6_000);
    await kept.renew(1);
    expect(fetches).to.equal(2);
    await advance(6_000);
    await kept.renew(1);
    expect(fetches, 'there is a newer one').to.equal(2);
  });

  it('goes on from what somebody else has fetched', async () => {
    const kept = refresh({
      identity: 'i',
      version: 7,
      values: { token: 'old' },
      expiresAtMs: clock.wallMs() + 400_000,
      fetchedAtMs: 0,
    });
    await kept.start();
    expect(fetches).to.equal(0);
    await advance(200_000);
    expect(kept.held?.version).to.equal(8);
  });

  it('fetches what has ended meanwhile at once', async () => {
    const kept = refresh({ identity: 'i', version: 1, values: {}, expiresAtMs: clock.wallMs() - 1, fetchedAtMs: 0 });
    await kept.start();
    await advance(1_000);
    expect(kept.held?.version).to.equal(2);
  });

  it('calls nobody after its end', async () => {
    const open = Promise.withResolvers<Fetched>();
    answer = () => open.promise;
    const kept = refresh();
    const started = kept.start();
    kept.stop();
    open.resolve(lasting(HOUR_MS));
    await started;
    expect(got).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });
});
