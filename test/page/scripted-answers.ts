/** What the fake admin server answers: a gateway with three providers and three models, well unless a test changes it. */
import type { Status } from '../../src/primary/admin/status.ts';
import type { Failure } from '../../src/primary/failures/failure.ts';
import type { HistoryAnswer } from '../../src/primary/history/history-answer.ts';

/** What a test may change. */
type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Draft<T[Key]> }
    : T;

export type StatusDraft = Draft<Status>;
type Figures = Omit<StatusDraft['traffic']['models'][number], 'model'>;

/** Changes an item of a list. Throws if there is none. */
export function change<T extends object>(items: readonly T[], index: number, changes: Partial<T>): void {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  Object.assign(item, changes);
}

const noErrors = { client: 0, policy: 0, provider: 0, gateway: 0 };

/** A time so many seconds from now. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** Figures of the last minute. */
export function figures(requestsPerSecond: number, more: Partial<Figures> = {}): Figures {
  return {
    requestsPerSecond,
    errorShare: { ...noErrors },
    p50Ms: 412.4,
    p99Ms: 1840,
    firstContentMs: 231.5,
    outputTokensPerSecond: requestsPerSecond * 61,
    usdPerHour: requestsPerSecond * 0.86,
    unpriced: 0,
    ...more,
  };
}

const models = [
  {
    name: 'fast',
    aliases: ['gpt-fast'],
    balance: 'order' as const,
    targets: ['azure-eu/gpt-5-mini', 'openai/gpt-5-mini'],
  },
  { name: 'large', aliases: [], balance: 'order' as const, targets: ['anthropic/claude-sonnet-4-5', 'openai/gpt-5'] },
  { name: 'embed', aliases: [], balance: 'order' as const, targets: ['openai/text-embedding-3-small'] },
].map((model) => ({
  ...{ sessions: 'auto' as const, fallbacks: { context: [] }, defaults: [], drop: [] },
  ...model,
  targets: model.targets.map((target, level) => {
    const [provider = '', name = ''] = target.split('/');
    return { provider, model: name, level, weight: 1 };
  }),
}));

/** `/api/status` of a gateway that is well. */
export function wellStatus(): StatusDraft {
  const providers = ['azure-eu', 'openai', 'anthropic'];
  const targets = models.flatMap((model) => model.targets);
  return {
    version: '0.1.0',
    hostname: 'gw-fra-1',
    timeZone: 'Europe/Berlin',
    listeners: { gateway: { host: '127.0.0.1', port: 8080 }, admin: { host: '127.0.0.1', port: 9464 } },
    verdict: { level: 'well', sentence: 'Well.', since: null, findings: [] },
    traffic: {
      windowSeconds: 60,
      models: [
        { model: 'fast', ...figures(24.2) },
        { model: 'large', ...figures(6.1, { p50Ms: 2210, p99Ms: 9400, errorShare: { ...noErrors, client: 0.012 } }) },
      ],
      targets: [
        { model: 'fast', provider: 'azure-eu', upstreamModel: 'gpt-5-mini', share: 1, ...figures(24.2) },
        { model: 'large', provider: 'anthropic', upstreamModel: 'claude-sonnet-4-5', share: 0.94, ...figures(5.7) },
        { model: 'large', provider: 'openai', upstreamModel: 'gpt-5', share: 0.06, ...figures(0.4) },
      ],
      providers: [
        { provider: 'azure-eu', ...figures(24.2) },
        { provider: 'anthropic', ...figures(5.7) },
        { provider: 'openai', ...figures(0.4) },
      ],
      attempts: targets.map(({ provider, model }) => ({
        ...{ provider, upstreamModel: model, attemptsPerSecond: 4, failedShare: 0 },
      })),
    },
    primary: { pid: 4711, uptimeSeconds: 93_784 },
    workers: [0, 1, 2, 3].map((slot) => ({
      ...{ slot, pid: 4720 + slot, state: 'ready', inFlight: 3 + slot, snapshotAgeMs: 400, traffic: [] },
    })),
    circuits: providers.map((provider) => ({
      ...{ provider, state: 'closed', openUntil: null, failures: 0, resting: false },
    })),
    targets: targets.map(({ provider, model }) => ({
      ...{ provider, model, state: 'closed', openUntil: null, failures: 0, barred: false },
    })),
    rests: [],
    keys: [
      { provider: 'azure-eu', name: 'default', weight: 1, state: 'ready', until: null, cooldowns: [] },
      { provider: 'openai', name: 'team-a', weight: 1, state: 'ready', until: null, cooldowns: [] },
      { provider: 'openai', name: 'team-b', weight: 2, state: 'ready', until: null, cooldowns: [] },
      { provider: 'anthropic', name: 'default', weight: 1, state: 'ready', until: null, cooldowns: [] },
    ],
    models,
    credentials: [],
    certificates: [],
    config: {
      version: 3,
      loadedAt: inSeconds(-7_300),
      source: '/etc/headgate/headgate.yaml',
      lastReloadSuccessful: true,
      lastReload: null,
    },
    roll: null,
    state: { writable: true, error: null },
    stopping: null,
  };
}

const azureIsOpen: StatusDraft['verdict']['findings'][number] = {
  alert: 'HeadgateTargetCircuitOpen',
  severity: 'warn',
  sentence: 'fast: the circuit of azure-eu/gpt-5-mini is open since 14:02',
  since: inSeconds(-400),
  model: 'fast',
  provider: 'azure-eu',
  cure: 'Requests go to openai meanwhile; reset azure-eu once it works again.',
  runbook: 'deploy/alerts.md#headgatetargetcircuitopen',
};

/** One target is left out, and another cools down. */
export function warnStatus(): StatusDraft {
  const status = wellStatus();
  const { alert: _, ...told } = azureIsOpen;
  status.verdict = { level: 'warn', sentence: told.sentence, since: told.since, findings: [azureIsOpen] };
  change(status.targets, 0, { state: 'open', openUntil: inSeconds(21), failures: 12 });
  status.rests = [{ provider: 'openai', model: 'gpt-5', remainingMs: 23_000, reason: 'rate_limited' }];
  change(status.circuits, 1, { resting: true });
  change(status.keys, 1, {
    state: 'cooling-down',
    until: inSeconds(23),
    cooldowns: [{ model: 'gpt-5', until: inSeconds(23), reason: 'rate_limited' }],
  });
  change(status.traffic.targets, 0, { share: 0.02 });
  status.traffic.targets.push({
    ...{ model: 'fast', provider: 'openai', upstreamModel: 'gpt-5-mini', share: 0.98 },
    ...figures(23.6, { errorShare: { ...noErrors, policy: 0.004 } }),
  });
  return status;
}

/** A model has no target left. */
export function pageStatus(): StatusDraft {
  const status = warnStatus();
  const sentence = 'fast: no target left, 25 % of requests fail since 14:02, provider azure-eu';
  const worst = { ...azureIsOpen, alert: 'HeadgateErrors', severity: 'page', sentence } as const;
  const cure = 'Give fast a target at another provider and reload, or reset azure-eu once it works again.';
  const findings = [{ ...worst, cure, runbook: 'deploy/alerts.md#headgateerrors' }, azureIsOpen];
  status.verdict = { level: 'page', sentence, since: azureIsOpen.since, findings };
  change(status.circuits, 0, { state: 'open', openUntil: inSeconds(21), failures: 31 });
  change(status.targets, 0, { barred: true });
  change(status.targets, 1, { state: 'half-open', openUntil: null, failures: 7 });
  change(status.traffic.models, 0, { errorShare: { ...noErrors, provider: 0.25, client: 0.004 } });
  change(status.traffic.targets, 0, { errorShare: { ...noErrors, provider: 1 } });
  change(status.traffic.providers, 0, { errorShare: { ...noErrors, provider: 0.25 } });
  return status;
}

/** An hour with a bad quarter; the first steps are of no gateway. */
export function hour(factor = 1): HistoryAnswer {
  const steps = Array.from({ length: 360 }, (_, index) => index);
  const made = (value: (step: number) => number) =>
    steps.map((step) => (step < 30 ? null : Math.round(value(step) * factor * 10_000) / 10_000));
  const wave = (step: number) => 1 + 0.25 * Math.sin(step / 23) + 0.08 * Math.sin(step * 1.7);
  const bad = (step: number) => (step > 255 && step < 300 ? 1 : 0);
  return {
    stepSeconds: 10,
    until: new Date(Math.floor(Date.now() / 10_000) * 10_000).toISOString(),
    approximate: steps.map(() => false),
    series: {
      requests: made((step) => 300 * wave(step)),
      errors: {
        client: made((step) => (step % 9 === 0 ? 4 : 1)),
        policy: made((step) => (step > 120 && step < 134 ? 12 : 0)),
        provider: made((step) => bad(step) * 70 * wave(step)),
        gateway: made((step) => (step === 290 ? 9 : 0)),
      },
      p50Ms: made((step) => 410 * wave(step) + bad(step) * 300),
      p99Ms: made((step) => 1700 * wave(step + 40) + bad(step) * 2600),
      firstContentMs: made((step) => 230 * wave(step + 11) + bad(step) * 180),
      inputTokens: made((step) => 91_000 * wave(step)),
      outputTokens: made((step) => 18_300 * wave(step + 9)),
      usd: made((step) => 0.072 * wave(step)),
    },
  };
}

let failed = 0;

/** A failure of `/api/errors`. */
export function failure(more: Partial<Failure> = {}): Failure {
  failed += 1;
  return {
    at: inSeconds(-failed),
    id: `req-${String(failed).padStart(6, '0')}`,
    worker: failed % 4,
    endpoint: 'chat_completions',
    model: 'fast',
    provider: 'azure-eu',
    upstreamModel: 'gpt-5-mini',
    key: 'default',
    status: 502,
    stream: true,
    owner: 'provider',
    code: 'provider_error',
    cause: 'ECONNRESET',
    trail: 'azure-eu=500(412ms), azure-eu=connection(388ms)',
    upstreamRequestId: 'a9f1c0de',
    durationMs: 812,
    message: 'the provider failed',
    operator: null,
    cure: 'Look at the status page of azure-eu; headgate explain fast shows where its requests go.',
    ...more,
    providers: more.providers ?? [more.provider ?? 'azure-eu'],
  };
}

/** Failures of all owners. */
export function failures(count: number): Failure[] {
  const unasked = { provider: 'unknown', upstreamModel: null, key: null, upstreamRequestId: null, trail: '' };
  const kinds: Partial<Failure>[] = [
    {},
    { ...unasked, owner: 'client', code: 'invalid_value', cause: null, status: 400 },
    { owner: 'policy', code: 'rate_limited', cause: null, status: 429, model: 'large', provider: 'openai' },
    { ...unasked, owner: 'gateway', code: 'overloaded', cause: null, status: 503 },
  ];
  return Array.from({ length: count }, (_, index) => failure(kinds[index % 7 > 3 ? 0 : index % 7]));
}

/** `/api/config`. */
export function configAnswer() {
  const values = [
    ['server.port', '8080', 'default'],
    ['server.keys[0]', '•••', 'headgate.yaml:6:10, from HEADGATE_KEY'],
    ['providers.azure-eu.base_url', 'https://res.openai.azure.com/openai/v1', 'headgate.yaml:12:15'],
    ['providers.azure-eu.api_key', '•••', 'headgate.yaml:13:14, from AZURE_KEY'],
    ['models.fast.balance', 'order', 'default'],
  ].map(([path, value, from]) => ({ path, value, from }));
  return { version: 3, loadedAt: inSeconds(-7_300), source: '/etc/headgate/headgate.yaml', values, lastReload: null };
}
