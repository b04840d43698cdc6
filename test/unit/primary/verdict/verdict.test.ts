import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { endOf } from '../../../../src/primary/verdict/alert-totals.ts';
import type { AlertName } from '../../../../src/primary/verdict/alerts.ts';
import type { LastFailure, RecentFailures, VerdictFacts } from '../../../../src/primary/verdict/facts.ts';
import { judge, type Ongoing, type Verdict } from '../../../../src/primary/verdict/verdict.ts';
import { JudgedGateway, NOON_MS, OFFSET } from '../../../helpers/verdict-facts.ts';

let gateway: JudgedGateway;
let ongoing: readonly Ongoing[];

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    gateway = new JudgedGateway();
    ongoing = [];
  });
}

function judged(): Verdict {
  const { verdict, ongoing: next } = judge(gateway.facts, ongoing);
  ongoing = next;
  return verdict;
}

/** Judges every ten seconds for so long. */
function watched(seconds: number): Verdict {
  let verdict = judged();
  for (let passed = 0; passed < seconds; passed += 10) {
    gateway.wait(10);
    verdict = judged();
  }
  return verdict;
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
      sentence: `openai refuses the gateway's API key since 12:00${OFFSET}`,
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
    ...{ after: 120, lasts: 300, sentence: `requests find no target since 12:00${OFFSET}` },
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
    begin: is({ configAccepted: false }),
    ...{ end: calm, after: 0, lasts: 0 },
    sentence: `the last reload was refused; the configuration before it is in force since 12:00${OFFSET}`,
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
    expect(new Set(cases.map(({ alert }) => alert)).size).to.equal(17);
  });

  for (const { alert, begin, end, after, lasts, sentence, provider = null } of cases) {
    it(`begins and ends with its condition: ${alert}`, () => {
      expect(judged().level).to.equal('well');
      begin();
      if (after > 0) expect(told(watched(after - 10)), 'too soon').to.not.include(alert);
      if (after > 0) gateway.wait(10);
      const verdict = judged();
      const finding = verdict.findings.find((each) => each.alert === alert);
      expect(finding).to.deep.include({ sentence, provider, since: new Date(NOON_MS).toISOString() });
      expect(finding?.runbook).to.equal(`deploy/alerts.md#${alert.toLowerCase()}`);
      expect(finding?.cure).to.match(/\w.*[.]$/);
      end?.();
      if (lasts > 0) {
        // For as long as the alert may fire: Prometheus judges some seconds later.
        expect(told(watched(lasts - after + 20)), 'too short').to.include(alert);
        calm();
        watched(40);
      }
      expect(judged(), 'too long').to.deep.equal({ level: 'well', sentence: 'Well.', since: null, findings: [] });
    });
  }
});

describe('the verdict on errors', () => {
  prepare();

  const recent = (parts: Partial<RecentFailures> = {}): RecentFailures => ({
    ...{ model: 'gpt-4', failed: 25, answered: 75, isOver: false, sinceMs: NOON_MS - 120_000, provider: 'openai' },
    ...parts,
  });
  const open = (provider: string) => ({
    provider,
    model: provider === 'openai' ? 'gpt-4' : 'claude-3',
    state: 'open' as const,
  });

  it('is told at once for a model of which five requests and more than 5 % fail within a minute', () => {
    gateway.state = { recent: [recent()] };
    const { level, sentence, since, findings } = judged();
    expect([level, sentence]).to.deep.equal([
      'page',
      `gpt-4: 25 % of requests fail since 11:58${OFFSET}, provider openai`,
    ]);
    expect(since).to.equal(new Date(NOON_MS - 120_000).toISOString());
    expect(findings[0]).to.deep.include({ model: 'gpt-4', provider: 'openai' });
    gateway.state = { recent: [recent({ failed: 4 })] };
    expect(judged().level).to.equal('well');
    gateway.state = { recent: [recent({ failed: 5, answered: 95 })] };
    expect(judged().level).to.equal('well');
  });

  it('names the model that has no target left, and who is out', () => {
    const targets = Object.values(gateway.facts.models).flatMap((model) => model.targets);
    const out = targets.map(({ provider }) => ({ ...open(provider), barred: true }));
    gateway.state = {
      recent: [recent({ provider: null })],
      targets: out.map((each, index) => ({ ...each, model: targets[index]?.model ?? '' })),
    };
    const { sentence, findings } = judged();
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
    expect(judged().level).to.equal('well');
    gateway.wait(10);
    const { level, sentence, findings } = judged();
    expect(level).to.equal('warn');
    expect(sentence).to.equal(
      `gpt-4: no target left since 12:00${OFFSET}, openai: no valid credentials, anthropic: its key is refused`,
    );
    expect(findings[0]).to.deep.include({ alert: 'HeadgateNoTarget', model: 'gpt-4' });
    gateway.state = { ...gateway.state, rests: [] };
    expect(judged().level).to.equal('well');
  });

  it('goes on while the alert does, with who was to blame, and says that it has ended', () => {
    gateway.count('failed', 'gpt-4', 25);
    gateway.count('answered', 'gpt-4', 75);
    gateway.state = { recent: [recent()] };
    judged();
    gateway.state = { recent: [recent({ isOver: true })] };
    gateway.wait(60);
    const { level, sentence, findings } = judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `gpt-4: requests failed since 11:58${OFFSET}, and hardly any now, provider openai`,
    ]);
    expect(findings[0]?.cure).to.contain('Nothing is to be done: 25 % failed lately');
  });

  it('is told of the gateway where several models have a few failures each, as the alert is', () => {
    for (const model of ['a', 'b', 'c', 'd', 'e']) gateway.count('failed', model, 1);
    gateway.count('answered', 'f', 20);
    const { sentence, findings } = watched(60);
    expect(sentence).to.equal(`20 % of requests fail since 12:00${OFFSET}, a few of several models`);
    expect(findings[0]?.model).to.equal(null);
  });

  it('is told by the hour where there are few requests, while any failed in the last quarter of it', () => {
    for (let request = 0; request < 5; request += 1) {
      gateway.count('failed', 'gpt-4', 1);
      gateway.wait(360);
    }
    expect(judged().level).to.equal('well');
    expect(told(watched(60))).to.deep.equal(['HeadgateErrors']);
    gateway.wait(930);
    expect(judged().level).to.equal('well');
  });

  it('says why the provider fails, and what that asks for, where a failure was told', () => {
    const failed = { atMs: NOON_MS - 5_000, model: 'gpt-4', provider: 'openai', upstreamModel: 'gpt-4.1' };
    const before = { ...failed, atMs: NOON_MS - 9_000, code: 'provider_error', detail: '500' } as const;
    const ofAnother = { ...failed, atMs: NOON_MS, model: 'b', code: 'provider_error', detail: '500' } as const;
    const verdictOf = (code: LastFailure['code'], detail: string | null) => {
      gateway.state = { recent: [recent()], failures: [before, { ...failed, code, detail }, ofAnother] };
      const { sentence, findings } = judged();
      return [sentence.slice(sentence.indexOf('provider openai')), findings[0]?.cure ?? ''] as const;
    };
    const cases: readonly (readonly [LastFailure['code'], string | null, words: string, cure: string])[] = [
      ['provider_auth', '401', "refuses the gateway's key (401)", 'Put a valid key of openai'],
      ['provider_error', '503', 'answers 503', 'status page of openai'],
      ['provider_error', 'empty', 'gives empty answers', 'status page of openai'],
      ['provider_unreachable', 'ECONNREFUSED', 'cannot be reached (ECONNREFUSED)', 'Check that openai runs'],
      [
        'provider_untrusted',
        'CERT_HAS_EXPIRED',
        'shows a certificate that is not trusted (CERT_HAS_EXPIRED)',
        'tls.ca',
      ],
      ['provider_timeout', 'headers', 'does not answer in time', 'raise the timeouts'],
      ['rate_limited', '429', "limits the gateway's requests (429)", 'Ask openai for a higher limit'],
      ['model_unavailable', '404', 'does not serve gpt-4.1 (404)', '`headgate models openai`'],
      ['provider_address', '404', 'has no such API at its base_url (404)', 'Correct base_url of openai'],
      ['provider_stream_cut', 'cut', 'breaks its streams off', 'closes long answers'],
      ['proxy_failed', null, 'cannot be reached through its proxy', 'the proxy of openai'],
      ['provider_credentials', null, 'has no valid credentials here', '`headgate status`'],
    ];
    for (const [code, detail, words, cure] of cases) {
      const [said, asked] = verdictOf(code, detail);
      expect(said).to.equal(`provider openai ${words}`);
      expect(asked).to.contain(cure);
    }
    expect(verdictOf('internal_error', null)[0]).to.equal('provider openai');
  });

  it('says why by the attempts where no request has failed', () => {
    gateway.count('ended', endOf('openai', 'success'), 50);
    gateway.count('ended', endOf('openai', 'rate_limited'), 3);
    gateway.count('ended', endOf('openai', 'connect_error'), 7);
    gateway.state = { circuits: [{ provider: 'openai', state: 'open' }] };
    expect(judged().sentence).to.equal(`openai cannot be reached: its circuit has been open since 12:00${OFFSET}`);
    gateway.wait(300);
    expect(judged().sentence).to.contain('openai cannot be reached: ');
    gateway.wait(600);
    expect(judged().sentence).to.contain('openai fails: ');
  });

  it('tells of a provider that lets requests wait without a word, unless others are answered', () => {
    const silent = [
      { provider: 'openai', requests: 5, longestMs: 40_000 },
      { provider: 'openai', requests: 2, longestMs: 87_400 },
    ];
    gateway.state = { silent };
    const { level, sentence, findings } = judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `openai answers nothing since 11:58${OFFSET}: 7 requests wait, the first for 87 s`,
    ]);
    expect(findings[0]).to.include({ alert: 'HeadgateProviderTimesOut', provider: 'openai' });
    gateway.state = { silent: silent.slice(0, 1).map((each) => ({ ...each, requests: 1 })) };
    expect(judged().sentence).to.contain('1 request waits, by now for 40 s');
    gateway.count('ended', endOf('openai', 'success'), 1);
    expect(judged().level).to.equal('well');
  });

  it('wakes nobody for a refused key or model once the provider answers again', () => {
    gateway.count('refused', 'openai', 1);
    expect(judged().level).to.equal('page');
    gateway.wait(60);
    expect(judged().level).to.equal('page');
    gateway.count('ended', endOf('openai', 'success'), 1);
    const { level, sentence } = judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `openai refused the gateway's API key since 12:00${OFFSET}, and answers again`,
    ]);
    gateway.count('lacking', 'anthropic', 1);
    judged();
    gateway.wait(60);
    gateway.count('ended', endOf('anthropic', 'success'), 1);
    expect(judged().findings.map((each) => each.sentence)).to.include(
      `anthropic did not serve a configured model since 12:01${OFFSET}, and answers again`,
    );
  });

  it('does not say of a model twice that it has no target left', () => {
    const targets = Object.values(gateway.facts.models).flatMap((model) => model.targets);
    gateway.state = {
      rests: targets.map(({ provider, model }) => ({ provider, model, reason: 'auth' })),
      recent: [recent()],
    };
    expect(told(watched(10))).to.deep.equal(['HeadgateErrors']);
    gateway.state = { ...gateway.state, recent: [] };
    expect(told(judged())).to.deep.equal(['HeadgateNoTarget']);
  });

  it('puts the model that fails most first, and pages before warnings', () => {
    gateway.state = {
      recent: [recent({ model: 'a' }), recent({ model: 'b', failed: 75, answered: 0 })],
      circuits: [{ provider: 'openai', state: 'open' }],
    };
    const { findings } = judged();
    expect(findings.map(({ alert, model }) => [alert, model])).to.deep.equal([
      ['HeadgateErrors', 'b'],
      ['HeadgateErrors', 'a'],
      ['HeadgateCircuitOpen', null],
    ]);
    expect(findings[0]?.sentence).to.equal(`b: 100 % of requests fail since 11:58${OFFSET}, provider openai`);
  });

  it('says the day of what began on another one', () => {
    gateway.state = { recent: [recent({ sinceMs: NOON_MS - 86_400_000 })] };
    expect(judged().sentence).to.contain(`since 14 Jan 12:00${OFFSET}`);
  });

  it('does not last for ever where the clock was set back', () => {
    gateway.state = { configAccepted: false };
    judged();
    gateway.wallMs -= 3_600_000;
    expect(judged().since).to.equal(new Date(NOON_MS - 3_600_000).toISOString());
  });
});
