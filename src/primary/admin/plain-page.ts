/**
 * The status for browsers without JavaScript: the verdict and small tables, put into the page's `noscript` when it is asked
 * for. Everything that comes from the configuration is escaped. Pure.
 */
import type { Status } from './status.ts';

/** Where in `index.html` it stands. */
const PLACE = '<!-- status -->';

/** The page with the status in it. */
export function withPlainStatus(page: string, status: Status): string {
  // A function, since a replacement's text may hold signs that mean something.
  return page.replace(PLACE, () => plainStatus(status));
}

/** The status as HTML. */
function plainStatus(status: Status): string {
  const { models, targets, circuits, workers, config } = status;
  const stateOf = (provider: string, model: string): string => {
    const target = targets.find((each) => each.provider === provider && each.model === model);
    if (target?.barred === true) return 'left out with its provider';
    const cools = status.rests.some((rest) => rest.provider === provider && (rest.model ?? model) === model);
    return `${target?.state ?? 'unknown'}${cools ? ', cooling down' : ''}`;
  };
  const targetRows = models.flatMap(({ name, targets: own }) =>
    own.map(({ provider, model }) => [name, provider, model, stateOf(provider, model)]),
  );
  const providerRows = circuits.map(({ provider, state, openUntil, failures }) => [
    provider,
    state,
    openUntil ?? '',
    String(failures),
  ]);
  return [
    '<h1>Headgate</h1>',
    `<p>${escaped(`${sentenceOf(status)} Version ${status.version}, ${workers.length} workers.`)}</p>`,
    `<p>Configuration ${config.version}${config.lastReloadSuccessful ? '' : '; the last reload was refused'}.`,
    'Figures, charts and buttons need JavaScript; <a href="api/status">all of the status</a> is JSON.</p>',
    table('Models', ['Model', 'Provider', 'Its model', 'Circuit'], targetRows),
    table('Providers', ['Provider', 'Circuit', 'Probe due', 'Failures'], providerRows),
  ].join('\n');
}

function sentenceOf(status: Status): string {
  return status.verdict.findings.length === 0
    ? status.verdict.sentence
    : status.verdict.findings.map(({ sentence }) => sentence).join('. ');
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`).join('\n');
  return `<table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
