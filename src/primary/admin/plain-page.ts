/**
 * The status for browsers without JavaScript, put into the page's `noscript` when it is asked for: what the page says first,
 * in plain HTML. Everything that comes from the configuration is escaped. Pure.
 */
import { errorOwners } from '../../shared/errors.ts';
import { localClock } from '../../shared/local-time.ts';
import { type Html, html, joined, table } from './plain-html.ts';
import type { Status } from './status.ts';

/** Where in `index.html` it stands. */
const PLACE = '<!-- status -->';

const levels = { well: 'Nothing is to be done', warn: 'Warning', page: 'Act now' } as const;

/** The page with the status in it. */
export function withPlainStatus(page: string, status: Status): string {
  // A function, since a replacement's text may hold signs that mean something.
  return page.replace(PLACE, () => plainStatus(status).html);
}

/** The status as HTML. */
function plainStatus(status: Status): Html {
  const { hostname, version, listeners, workers } = status;
  const { host, port } = listeners.gateway;
  const ready = workers.filter(({ state }) => state === 'ready').length;
  return joined([
    html`<h1>Headgate</h1>`,
    html`<p>Host ${hostname}, version ${version}, data port ${host}:${port}, ${ready} of ${workers.length} workers ready.</p>`,
    verdictPart(status.verdict),
    configPart(status.config),
    table('Models and their targets, figures of the last minute', modelHeads, modelRows(status)),
    table('Providers', ['Provider', 'Circuit', 'Probe due', 'Failures'], providerRows(status)),
    html`<p>This is how it was when the page was loaded: <a href="./">load it again</a>. Charts, failures and buttons need JavaScript;
      <code>headgate top</code> and <code>headgate errors</code> show the same in a terminal, and <a href="api/status">the status</a> is JSON.</p>`,
  ]);
}

function verdictPart({ level, sentence, findings }: Status['verdict']): Html {
  const items = findings.map((finding) => {
    const since = localClock(Date.parse(finding.since));
    const what = html`<strong>${finding.sentence}</strong><br>${finding.cure}`;
    return html`<li>${what}<br><small>since ${since} · ${finding.alert} · <code>${finding.runbook}</code></small></li>`;
  });
  const list = items.length === 0 ? html`` : html`<ol>${joined(items)}</ol>`;
  return html`<h2>${levels[level]}: ${sentence}</h2>${list}`;
}

function configPart({ version, source, lastReload }: Status['config']): Html {
  const summary = html`<p>Configuration ${version} from ${source}.</p>`;
  if (lastReload === null || lastReload.successful) return summary;
  const problems = lastReload.problems.map((problem) => html`<li><pre>${problem}</pre></li>`);
  const asked = html`<p>The last reload, by ${lastReload.by}, was refused, and this one stays in force:</p>`;
  return html`${summary}${asked}<ul>${joined(problems)}</ul>`;
}

const modelHeads = ['Model', 'Target', 'Circuit', 'Requests/s', 'Errors by owner', 'p50', 'p99'];

/** A row for each model, and one for each of its targets. */
function modelRows(status: Status): string[][] {
  const { models, targets } = status.traffic;
  return status.models.flatMap(({ name, targets: own }) => [
    [name, '', '', ...figures(models.find(({ model }) => model === name))],
    ...own.map(({ provider, model }) => {
      const isThis = (each: (typeof targets)[number]) =>
        each.model === name && each.provider === provider && each.upstreamModel === model;
      return ['', `${provider} / ${model}`, stateOf(status, provider, model), ...figures(targets.find(isThis))];
    }),
  ]);
}

type Figures = Pick<Status['traffic']['models'][number], 'requestsPerSecond' | 'errorShare' | 'p50Ms' | 'p99Ms'>;

/** Of the last minute; empty where there was nothing. */
function figures(of: Figures | undefined): string[] {
  if (of === undefined) return ['–', '–', '–', '–'];
  const errors = errorOwners
    .filter((owner) => of.errorShare[owner] > 0)
    .map((owner) => `${owner} ${Math.round(of.errorShare[owner] * 1000) / 10} %`);
  const milliseconds = (value: number | null) => (value === null ? '–' : `${Math.round(value)} ms`);
  const shares = errors.length === 0 ? 'none' : errors.join(', ');
  return [String(of.requestsPerSecond), shares, milliseconds(of.p50Ms), milliseconds(of.p99Ms)];
}

function stateOf({ targets, rests }: Status, provider: string, model: string): string {
  const target = targets.find((each) => each.provider === provider && each.model === model);
  if (target?.barred === true) return 'left out with its provider';
  const cools = rests.some((rest) => rest.provider === provider && (rest.model ?? model) === model);
  return `${target?.state ?? 'unknown'}${cools ? ', cooling down' : ''}`;
}

function providerRows({ circuits }: Status): string[][] {
  return circuits.map(({ provider, state, openUntil, failures: count }) => {
    const probe = openUntil === null ? '' : localClock(Date.parse(openUntil));
    return [provider, state, probe, String(count)];
  });
}
