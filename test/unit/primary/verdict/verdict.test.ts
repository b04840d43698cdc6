import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { endOf } from '../../../../src/primary/verdict/alert-totals.ts';
import type { AlertName } from '../../../../src/primary/verdict/alerts.ts';
import type { FailureKind, RecentFailures, VerdictFacts } from '../../../../src/primary/verdict/facts.ts';
import type { Verdict } from '../../../../src/primary/verdict/verdict.ts';
import { JudgedGateway, NOON_MS, OFFSET } from '../../../helpers/verdict-facts.ts';

let gateway: JudgedGateway;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    gateway = new JudgedGateway();
  });
}

const told = ({ findings }: Verdict) => findings.map(({ alert }) => alert);

interface Case {
  readonly alert: AlertName;
  readonly begin: () => void;
  /** What ends it; where counts are read, time does. */
  readonly end?: () => void;
  /** How long its condition must last before it is told, in s. */
  readonly after: number;
  /** How long it is told after it has ended, in s. */
  readonly lasts: number;
  readonly sentence: string;
  readonly provider?: string;
}

const is = (state: Partial<VerdictFacts>) => () => {
  gateway.state = state;
};
const calm = () => {
  gateway.state = {};
};

const cases: readonly Case[] = [
  {
    alert: 'HeadgateNoWorkers',
    ...{
      begin: is({ servingWorkers: 0 }),
      end: calm,
      after: 10,
      lasts: 0,
      sentence: `no worker serves since 12:00${OFFSET}`,
    },
  },
  {
    alert: 'HeadgateErrors',
    begin: () => {
      gateway.count('failed', 'gpt-4', 6);
      gateway.count('answered', 'gpt-4', 100);
    },
    ...{ after: 60, lasts: 300, sentence: `gpt-4: requests failed since 12:00${OFFSET}, and hardly any now` },
  },
  {
    alert: 'HeadgateProviderRefusesKey',
    begin: () => gateway.count('refused', 'openai', 1),
    ...{
      after: 0,
      lasts: 600,
      provider: 'openai',
      sentence: `openai refuses the gateway's key since 12:00${OFFSET}`,
    },
  },
  {
    alert: 'HeadgateCredentialsEnd',
    begin: () => {
      gateway.count('unfetched', 'openai', 1);
      gateway.state = { credentials: [{ provider: 'openai', secondsLeft: 100 }] };
    },
    ...{ end: calm, after: 60, lasts: 0, provider: 'openai' },
    sentence: `the credentials of openai are ending, and cannot be fetched since 12:00${OFFSET}`,
  },
  {
    alert: 'HeadgateNoTarget',
    begin: () => gateway.count('rejected', 'no_target', 31),
    ...{ after: 120, lasts: 300, sentence: `requests found no target since 12:00${OFFSET}, and none is refused now` },
  },
  {
    alert: 'HeadgateCircuitOpen',
    begin: is({ circuits: [{ provider: 'openai', state: 'half-open' }] }),
    ...{
      end: calm,
      after: 0,
      lasts: 0,
      provider: 'openai',
      sentence: `openai fails: its circuit has been open since 12:00${OFFSET}`,
    },
  },
  {
    alert: 'HeadgateTargetCircuitOpen',
    begin: is({ targets: [{ provider: 'openai', model: 'gpt-4', state: 'open', barred: false }] }),
    ...{ end: calm, after: 0, lasts: 0, provider: 'openai' },
    sentence: `openai fails for gpt-4: the circuit has been open since 12:00${OFFSET}, its other models work`,
  },
  {
    alert: 'HeadgateOverload',
    begin: () => gateway.count('rejected', 'overload', 1),
    ...{ after: 300, lasts: 300, sentence: `requests are refused since 12:00${OFFSET}: there is no room for them` },
  },
  {
    alert: 'HeadgateModelUnavailable',
    begin: () => {
      gateway.count('lacking', 'openai', 1);
      gateway.state = { rests: [{ provider: 'openai', model: 'gpt-9', reason: 'model' }] };
    },
    ...{ after: 0, lasts: 600, provider: 'openai', sentence: `openai does not serve gpt-9 since 12:00${OFFSET}` },
  },
  {
    alert: 'HeadgateProviderTimesOut',
    begin: () => {
      gateway.count('attempts', 'openai', 49);
      gateway.count('late', 'openai', 5);
    },
    ...{ after: 300, lasts: 600, provider: 'openai' },
    sentence: `more than a tenth of the attempts at openai exceed a timeout since 12:00${OFFSET}`,
  },
  {
    alert: 'HeadgateProviderSlow',
    begin: () => {
      gateway.count('streams', 'openai', 11);
      gateway.count('slow', 'openai', 6);
    },
    ...{ after: 300, lasts: 600, provider: 'openai' },
    sentence: `half of the streams of openai wait longer than 15 s for their first content since 12:00${OFFSET}`,
  },
  {
    alert: 'HeadgateWorkersDie',
    begin: () => {
      gateway.count('exits', 'crash', 2);
      gateway.count('exits', 'signal', 2);
      gateway.count('exits', 'replaced', 9);
    },
    ...{ after: 0, lasts: 600, sentence: `4 workers died in ten minutes, since 12:00${OFFSET}` },
  },
  {
    alert: 'HeadgateWorkerStale',
    begin: () => gateway.windows.see('1', 21),
    ...{ after: 0, lasts: 300, sentence: `worker 1 said nothing for 21 s, since 12:00${OFFSET}` },
  },
  {
    alert: 'HeadgatePrimaryRestarts',
    begin: is({ primaryRestarts: 3 }),
    ...{ end: calm, after: 0, lasts: 0 },
    sentence: `the primary was started 3 times in a quarter of an hour, since 12:00${OFFSET}`,
  },
  {
    alert: 'HeadgateStateUnwritable',
    begin: is({ stateWritable: false }),
    ...{ end: calm, after: 10, lasts: 0 },
    sentence: `state_dir cannot be written since 12:00${OFFSET}: a crash would lose counts`,
  },
  {
    alert: 'HeadgateConfigRefused',
    begin: is({ reloadRefusedAtMs: NOON_MS }),
    ...{ end: calm, after: 0, lasts: 0 },
    sentence: `the reload at 12:00${OFFSET} was refused; the configuration before it stays in force`,
  },
  {
    alert: 'HeadgateUnpriced',
    begin: () => {
      gateway.count('unpriced', endOf('openai', 'gpt-4'), 10);
      gateway.count('unpriced', endOf('anthropic', 'gpt-4'), 10);
      gateway.count('paid', 'openai', 1);
    },
    ...{ after: 0, lasts: 3600, provider: 'openai' },
    sentence: `the price of gpt-4 at openai is not known, and the spend lacks it since 12:00${OFFSET}`,
  },
  {
    alert: 'HeadgateCertificateExpires',
    begin: is({ certificates: [{ port: 'gateway', secondsLeft: 3_600 }] }),
    ...{ end: calm, after: 10, lasts: 0 },
    sentence: `the certificate of the gateway port expires within a week, seen since 12:00${OFFSET}`,
  },
];

describe('a finding of the verdict', () => {
  prepare();

  it('is tried here for every alert', () => {
    expect(new Set(cases.map(({ alert }) => alert)).size).to.equal(18);
  });

  for (const { alert, begin, end, after, lasts, sentence, provider = null } of cases) {
    it(`begins and ends with its condition: ${alert}`, () => {
      expect(gateway.judged().level).to.equal('well');
      begin();
      if (after > 0) expect(told(gateway.watched(after - 10)), 'too soon').to.not.include(alert);
      if (after > 0) gateway.wait(10);
      const verdict = gateway.judged();
      const finding = verdict.findings.find((each) => each.alert === alert);
      expect(finding).to.deep.include({ sentence, provider, since: new Date(NOON_MS).toISOString() });
      expect(finding?.runbook).to.equal(`deploy/alerts.md#${alert.toLowerCase()}`);
      expect(finding?.cure).to.match(/\w.*[.]$/);
      end?.();
      if (lasts > 0) {
        // For as long as the alert may fire: Prometheus judges some seconds later.
        expect(told(gateway.watched(lasts - after + 20)), 'too short').to.include(alert);
        calm();
        gateway.watched(40);
      }
      expect(gateway.judged(), 'too long').to.deep.equal({
        level: 'well',
        sentence: 'Well.',
        since: null,
        findings: [],
      });
    });
  }
});

describe('the verdict on errors', () => {
  prepare();

  const recent = (parts: Partial<RecentFailures> = {}): RecentFailures => ({
    ...{
      model: 'gpt-4',
      failed: 25,
      answered: 75,
      answeredSince: 75,
      isOver: false,
      sinceMs: NOON_MS - 120_000,
      provider: 'openai',
    },
    ...parts,
  });
  const open = (provider: string) => ({
    provider,
    model: provider === 'openai' ? 'gpt-4' : 'claude-3',
    state: 'open' as const,
  });

  it('is told at once for a model of which five requests and more than 5 % fail within a minute', () => {
    gateway.state = { recent: [recent()] };
    const { level, sentence, since, findings } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'page',
      `gpt-4: 25 % of requests fail since 11:58${OFFSET}, provider openai`,
    ]);
    expect(since).to.equal(new Date(NOON_MS - 120_000).toISOString());
    expect(findings[0]).to.deep.include({ model: 'gpt-4', provider: 'openai' });
    gateway.state = { recent: [recent({ failed: 4 })] };
    expect(gateway.judged().level).to.equal('well');
    gateway.state = { recent: [recent({ failed: 5, answered: 95 })] };
    expect(gateway.judged().level).to.equal('well');
  });

  it('names the model that has no target left, and who is out', () => {
    const targets = Object.values(gateway.facts.models).flatMap((model) => model.targets);
    const out = targets.map(({ provider }) => ({ ...open(provider), barred: true }));
    gateway.state = {
      recent: [recent({ provider: null })],
      targets: out.map((each, index) => ({ ...each, model: targets[index]?.model ?? '' })),
    };
    const { sentence, findings } = gateway.judged();
    expect(sentence).to.equal(`gpt-4: no target left, 25 % of requests fail since 11:58${OFFSET}, provider openai`);
    expect(findings[0]?.cure).to.equal(
      'Give gpt-4 a target at another provider and reload, or reset openai once it works again.',
    );
  });

  it('is told of a model without a usable target that nobody asks for, after five seconds', () => {
    const targets = Object.values(gateway.facts.models).flatMap((model) => model.targets);
    gateway.state = {
      credentials: [{ provider: 'openai', secondsLeft: 0 }],
      rests: targets.slice(1).map(({ provider, model }) => ({ provider, model, reason: 'auth' })),
    };
    expect(gateway.judged().level).to.equal('well');
    gateway.wait(10);
    const { level, sentence, findings } = gateway.judged();
    expect(level).to.equal('warn');
    expect(sentence).to.equal(
      `gpt-4: no target left since 12:00${OFFSET}, openai: no valid credentials, anthropic: its key is refused`,
    );
    expect(findings[0]).to.deep.include({ alert: 'HeadgateNoTarget', model: 'gpt-4' });
    gateway.state = { ...gateway.state, rests: [] };
    expect(gateway.judged().level).to.equal('well');
  });

  it('goes on while the alert does, with who was to blame, and says that it has ended', () => {
    gateway.count('failed', 'gpt-4', 25);
    gateway.count('answered', 'gpt-4', 75);
    gateway.state = { recent: [recent()] };
    gateway.judged();
    gateway.state = { recent: [recent({ isOver: true })] };
    gateway.wait(60);
    const { level, sentence, findings } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `gpt-4: requests failed since 11:58${OFFSET}, and hardly any now, provider openai`,
    ]);
    expect(findings[0]?.cure).to.contain('Nothing is to be done: 25 % failed lately');
  });

  it('is told of the gateway where several models have a few failures each, as the alert is', () => {
    for (const model of ['a', 'b', 'c', 'd', 'e']) gateway.count('failed', model, 1);
    gateway.count('answered', 'f', 20);
    const { sentence, findings } = gateway.watched(60);
    expect(sentence).to.equal(`20 % of requests fail since 12:00${OFFSET}, a few of several models`);
    expect(findings[0]?.model).to.equal(null);
  });

  it('is told by the hour where there are few requests, while any failed in the last quarter of it', () => {
    for (let request = 0; request < 5; request += 1) {
      gateway.count('failed', 'gpt-4', 1);
      gateway.wait(360);
    }
    expect(gateway.judged().level).to.equal('well');
    expect(told(gateway.watched(60))).to.deep.equal(['HeadgateErrors']);
    gateway.wait(930);
    expect(gateway.judged().level).to.equal('well');
  });

  const kind = (parts: Partial<FailureKind> & Pick<FailureKind, 'code'>): FailureKind => ({
    ...{ model: 'gpt-4', provider: 'openai', upstreamModel: 'gpt-4.1', end: null, cause: null, tookMs: null },
    ...{ atMs: NOON_MS - 5_000, lastMinute: 1, lastTenMinutes: 1 },
    ...parts,
  });

  /** The sentence from who is to blame, and the cure. */
  const blamed = (failures: readonly FailureKind[], more: Partial<VerdictFacts> = {}) => {
    gateway.state = { recent: [recent()], failures, ...more };
    const { sentence, findings } = gateway.judged();
    return { words: sentence.slice(sentence.indexOf(OFFSET) + OFFSET.length), cure: findings[0]?.cure ?? '' };
  };

  it('says why the provider fails, and what that asks for, where a failure was told', () => {
    const cases: readonly (readonly [Parameters<typeof kind>[0], words: string, cure: string])[] = [
      [{ code: 'provider_auth', end: '401' }, "refuses the gateway's key (401)", 'Put a valid key of openai'],
      [{ code: 'provider_error', end: '503' }, 'answers 503', 'status page of openai'],
      [{ code: 'provider_error', end: 'empty' }, 'gives empty answers', 'status page of openai'],
      [
        { code: 'provider_unreachable', cause: 'ECONNREFUSED', end: 'connection' },
        'cannot be reached (ECONNREFUSED)',
        'Check that openai runs',
      ],
      [{ code: 'provider_unreachable', end: 'connection' }, 'cannot be reached', 'Check that openai runs'],
      [{ code: 'rate_limited', end: '429' }, "limits the gateway's requests (429)", 'Ask openai for a higher limit'],
      [{ code: 'model_unavailable', end: '404' }, 'does not serve gpt-4.1 (404)', '`headgate models openai`'],
      [{ code: 'provider_address', end: '404' }, 'has no such API at its base_url (404)', 'Correct base_url of openai'],
      [{ code: 'provider_stream_cut', end: 'cut' }, 'breaks its streams off', 'closes long answers'],
      [{ code: 'provider_credentials' }, 'has no valid credentials here', '`headgate status`'],
    ];
    for (const [failure, words, cure] of cases) {
      const verdict = blamed([kind({ code: 'provider_error', end: '500', model: 'b', lastMinute: 9 }), kind(failure)]);
      expect(verdict.words).to.equal(`, provider openai ${words}`);
      expect(verdict.cure).to.contain(cure);
    }
  });

  it('asks for a restart, not for a reload, where a key comes from the environment', () => {
    const refused = kind({ code: 'provider_auth', end: '401' });
    const cureFrom = (variables: readonly string[], hasOthers: boolean) =>
      blamed([refused], { secretsOf: () => ({ variables, hasOthers }) }).cure;
    expect(cureFrom([], true)).to.contain('into the configuration and reload; ');
    expect(cureFrom(['KEY_A', 'KEY_B'], false)).to.match(
      /^Set KEY_A or KEY_B to a valid key in the gateway's environment, then stop and start it \(a reload .*\)\.$/,
    );
    expect(cureFrom(['KEY_A'], true)).to.contain(
      'or put a valid key of openai into the configuration and reload where',
    );
  });

  it('names what stands in the way of a connection, and the setting that helps', () => {
    const cases = [
      ['certificate-expired', 'CERT_HAS_EXPIRED', 'its certificate has expired', "Have openai's owner renew"],
      ['certificate-expired', 'CERT_NOT_YET_VALID', 'its certificate is not valid yet', 'the clock of this host'],
      ['certificate-name', 'ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name', 'tls.server_name'],
      ['certificate-untrusted', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'an authority that is not trusted here', 'tls.ca'],
      ['proxy-refused', null, 'its proxy does not allow its address', 'the rules of'],
    ] as const;
    for (const [end, cause, words, cure] of cases) {
      const verdict = blamed([kind({ code: 'provider_unreachable', end, cause })]);
      expect(verdict.words).to.contain(`, provider openai cannot be reached because `).and.contain(words);
      if (cause !== null) expect(verdict.words).to.contain(` (${cause})`);
      expect(verdict.cure).to.contain(cure);
    }
    expect(blamed([kind({ code: 'provider_address', end: 'no-tls' })]).words).to.contain('does not speak TLS');
  });

  it('says after how long an answer did not come', () => {
    const timeout = (end: string, tookMs: number | null, code: FailureKind['code'] = 'provider_timeout') =>
      blamed([kind({ code, end, tookMs, upstreamModel: 'gpt-4' })]).words;
    expect(timeout('timeout-headers', 30_004)).to.equal(', provider openai does not answer within 30 s');
    expect(timeout('timeout-first_content', 2_510)).to.contain('sends no content within 2.5 s');
    expect(timeout('timeout-total', 600_010)).to.contain('does not finish its answers within 600 s');
    expect(timeout('timeout-headers', null)).to.contain('does not answer in time');
    const [target] = gateway.facts.models['gpt-4']?.targets ?? [];
    const [connect, stall] = [target?.timeouts.connectMs ?? 0, target?.timeouts.stallMs ?? 0];
    expect(timeout('timeout-connect', null, 'provider_unreachable')).to.contain(
      `takes no connection within ${connect / 1000} s`,
    );
    expect(timeout('timeout-stall', 300_000, 'provider_stream_cut')).to.contain(
      `falls silent in its streams for ${stall / 1000} s`,
    );
  });

  it('goes by the most frequent fault of the last minute, or of the last ten, and by the newest of equals', () => {
    const refused = kind({ code: 'provider_auth', end: '401', lastMinute: 4, lastTenMinutes: 90, atMs: NOON_MS });
    const answers = (status: number, lastMinute: number, atMs = NOON_MS - 20_000) =>
      kind({ code: 'provider_error', end: String(status), lastMinute, lastTenMinutes: lastMinute + 1, atMs });
    expect(blamed([answers(500, 5), refused]).words).to.contain('answers 500');
    expect(blamed([answers(500, 4), refused]).words).to.contain('refuses');
    // Statuses of one outage are one fault.
    expect(blamed([answers(500, 2), answers(503, 3), refused]).words).to.contain('answers 503');
    expect(blamed([answers(500, 2), answers(503, 2, NOON_MS - 10_000), refused]).words).to.contain('refuses');
    const before = [answers(500, 0), { ...refused, lastMinute: 0 }];
    expect(blamed(before).words).to.contain('refuses');
  });

  it('blames no provider for what the gateway itself fails at', () => {
    const own = kind({ code: 'overloaded', provider: 'unknown', upstreamModel: null, lastMinute: 20 });
    const verdict = blamed([own, kind({ code: 'provider_error', end: '500', lastMinute: 3 })]);
    expect(verdict.words).to.equal(', the gateway or its host has no room for them');
    expect(verdict.cure).to.contain('server.max_in_flight');
    expect(gateway.judged().findings[0]?.provider).to.equal(null);
    expect(blamed([kind({ code: 'internal_error' })]).words).to.equal(', the gateway itself fails (internal_error)');
    gateway.count('rejected', 'overload', 100);
    gateway.state = { recent: [recent()], failures: [own] };
    const { findings } = gateway.watched(400);
    expect(findings.map(({ alert }) => alert)).to.deep.equal(['HeadgateErrors']);
  });

  it('judges what fails before its model is known by its share of all requests', () => {
    const unread = recent({ model: 'other', failed: 50, answered: 0, provider: null });
    const own = kind({ code: 'overloaded', model: 'other', provider: 'unknown', upstreamModel: null });
    gateway.state = { recent: [unread, recent({ failed: 10 })], answered: 140, failures: [own] };
    expect(gateway.judged().sentence).to.equal(
      `without a model, 25 % of all requests fail since 11:58${OFFSET}, the gateway or its host has no room for them`,
    );
    gateway.state = { recent: [unread], answered: 2_000, failures: [own] };
    gateway.count('failed', 'other', 50);
    gateway.count('answered', 'gpt-4', 2_000);
    gateway.ongoing = [];
    expect(gateway.watched(60).level).to.equal('well');
  });

  it('tells one fault once: a refused key stands with the requests that fail for it', () => {
    const refused = kind({ code: 'provider_auth', end: '401' });
    gateway.count('refused', 'openai', 9);
    gateway.count('refused', 'anthropic', 1);
    gateway.state = { recent: [recent()], failures: [refused] };
    const together = gateway.judged().findings;
    expect(together.map(({ alert, provider }) => [alert, provider])).to.deep.equal([
      ['HeadgateErrors', 'openai'],
      ['HeadgateProviderRefusesKey', 'anthropic'],
    ]);
    gateway.state = { failures: [refused] };
    const alone = gateway.judged().findings;
    expect(alone[0]?.sentence).to.equal(`openai refuses the gateway's key (401) since 12:00${OFFSET}`);
    expect(alone[0]?.cure).to.equal(together[0]?.cure);
  });

  it('asks for more than patience where no other target is left, or a setting is wrong', () => {
    const targets = gateway.facts.targets.map((target) => ({ ...target, barred: true }));
    const failing = { circuits: [{ provider: 'openai', state: 'open' as const }], targets: [] };
    const cureOf = (failure: FailureKind, more: Partial<VerdictFacts> = {}) => {
      gateway.state = { ...failing, failures: [failure], ...more };
      return gateway.judged().findings.find(({ alert }) => alert === 'HeadgateCircuitOpen')?.cure ?? '';
    };
    const down = kind({ code: 'provider_unreachable', cause: 'ECONNREFUSED', end: 'connection' });
    expect(cureOf(down)).to.contain('Nothing, if others have room');
    expect(cureOf(down, { targets })).to.contain('Check that openai runs');
    expect(cureOf(kind({ ...down, end: 'certificate-untrusted' }))).to.contain("Set openai's tls.ca");
  });

  it('says why by the attempts where no request has failed', () => {
    gateway.count('ended', endOf('openai', 'success'), 50);
    gateway.count('ended', endOf('openai', 'rate_limited'), 3);
    gateway.count('ended', endOf('openai', 'connect_error'), 7);
    gateway.state = { circuits: [{ provider: 'openai', state: 'open' }] };
    expect(gateway.judged().sentence).to.equal(
      `openai cannot be reached: its circuit has been open since 12:00${OFFSET}`,
    );
    gateway.state = {
      ...gateway.state,
      attempts: { lastEnd: (_, outcome) => (outcome === 'connect_error' ? 'certificate-expired' : '429') },
    };
    expect(gateway.judged().sentence).to.contain('openai cannot be reached because its certificate has expired: ');
    gateway.state = { ...gateway.state, attempts: { lastEnd: () => null } };
    gateway.wait(300);
    expect(gateway.judged().sentence).to.contain('openai cannot be reached: ');
    gateway.wait(600);
    expect(gateway.judged().sentence).to.contain('openai fails: ');
  });

  it('wakes nobody for a refused key or model once the provider answers again', () => {
    gateway.count('refused', 'openai', 1);
    expect(gateway.judged().level).to.equal('page');
    gateway.wait(60);
    expect(gateway.judged().level).to.equal('page');
    gateway.count('ended', endOf('openai', 'success'), 1);
    const { level, sentence } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `openai refused the gateway's key since 12:00${OFFSET}, and answers again`,
    ]);
    gateway.count('lacking', 'anthropic', 1);
    gateway.judged();
    gateway.wait(60);
    gateway.count('ended', endOf('anthropic', 'success'), 1);
    expect(gateway.judged().findings.map((each) => each.sentence)).to.include(
      `anthropic did not serve a configured model since 12:01${OFFSET}, and answers again`,
    );
  });

  it('does not say of a model twice that it has no target left', () => {
    const targets = Object.values(gateway.facts.models).flatMap((model) => model.targets);
    gateway.state = {
      rests: targets.map(({ provider, model }) => ({ provider, model, reason: 'auth' })),
      recent: [recent()],
    };
    expect(told(gateway.watched(10))).to.deep.equal(['HeadgateErrors']);
    gateway.state = { ...gateway.state, recent: [] };
    expect(told(gateway.judged())).to.deep.equal(['HeadgateNoTarget']);
  });

  it('puts the model that fails most first, and pages before warnings', () => {
    gateway.state = {
      recent: [recent({ model: 'a' }), recent({ model: 'b', failed: 75, answered: 0, answeredSince: 0 })],
      circuits: [{ provider: 'openai', state: 'open' }],
    };
    const { findings } = gateway.judged();
    expect(findings.map(({ alert, model }) => [alert, model])).to.deep.equal([
      ['HeadgateErrors', 'b'],
      ['HeadgateErrors', 'a'],
      ['HeadgateCircuitOpen', null],
    ]);
    expect(findings[0]?.sentence).to.equal(`b: 100 % of requests fail since 11:58${OFFSET}, provider openai`);
  });

  it('says the day of what began on another one', () => {
    gateway.state = { recent: [recent({ sinceMs: NOON_MS - 86_400_000 })] };
    expect(gateway.judged().sentence).to.contain(`since 14 Jan 12:00${OFFSET}`);
  });

  it('does not last for ever where the clock was set back', () => {
    gateway.state = { circuits: [{ provider: 'openai', state: 'open' }] };
    gateway.judged();
    gateway.wallMs -= 3_600_000;
    expect(gateway.judged().since).to.equal(new Date(NOON_MS - 3_600_000).toISOString());
  });
});
