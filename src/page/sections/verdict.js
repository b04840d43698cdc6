/**
 * The verdict: on the page, in its title, in its icon, and aloud. It is the gateway's own (`primary/verdict/`); nothing is
 * judged here. Screen readers hear it where it changes, but not each time that only its numbers do.
 */
import { byId, element, setAttribute, setText, setWords, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { localTime } from '../words/times.js';
import { setIcon } from './icon.js';
import { rowOfModel } from './models.js';

/** Of an older gateway, which has none. */
const none = {
  level: 'unknown',
  sentence: 'This gateway gives no verdict: it is too old for that.',
  since: null,
  findings: [],
};

const marks = /** @type {Record<string, string>} */ ({ well: '✓', warn: '!', page: '‼', unknown: '?', lost: '?' });

export function verdictSection() {
  const draw = keyedRows(
    byId('findings'),
    (/** @type {any} */ each) => `${each.alert} ${each.model} ${each.provider}`,
    findingItem,
  );
  let said = '';
  /** @type {any} */
  let verdict = null;
  let hostname = location.host;
  let lost = false;

  const drawAll = () => {
    if (verdict === null && !lost) return;
    const level = lost ? 'lost' : verdict.level;
    const sentence = lost ? 'No connection' : verdict.sentence;
    document.title = `${marks[level]} ${sentence} · ${hostname} · Headgate`;
    setIcon(level);
    setAttribute(byId('verdict'), 'data-level', verdict?.level ?? 'unknown');
    const spoken = `${level} ${sentence.replace(/[\d.]+/g, '#')}`;
    if (spoken !== said) {
      said = spoken;
      setText(byId('announcer'), lost ? 'No connection to the gateway' : `${levelWords(level)}: ${sentence}`);
    }
  };
  return {
    /** @param {any} status */
    draw: (status) => {
      verdict = status.verdict ?? none;
      hostname = status.hostname ?? location.host;
      setText(byId('verdict-mark'), marks[verdict.level] ?? '?');
      setText(byId('verdict-sentence'), verdict.sentence);
      setText(byId('verdict-level'), levelWords(verdict.level));
      show(byId('verdict-since'), verdict.since !== null);
      if (verdict.since !== null) setText(byId('verdict-since'), `since ${localTime(verdict.since)}`);
      draw(verdict.findings);
      drawAll();
    },
    /** @param {boolean} isLost */
    lose: (isLost) => {
      if (lost === isLost) return;
      lost = isLost;
      drawAll();
    },
  };
}

/** @param {string} level */
function levelWords(level) {
  if (level === 'well') return 'Nothing is to be done';
  if (level === 'warn') return 'Warning';
  return level === 'page' ? 'Act now' : 'Unknown';
}

/** @param {any} first */
function findingItem(first) {
  const sentence = element('p', { class: 'sentence' });
  const cure = element('p', { class: 'cure' });
  const facts = element('p', { class: 'soft facts' });
  const since = element('span');
  const runbook = element('code');
  facts.append(since, first.alert, ' · ', runbook);
  if (first.model !== null)
    facts.append(
      ' · ',
      element('a', { href: `#${encodeURIComponent(rowOfModel(first.model))}` }, `Show ${first.model}`),
    );
  const row = element('li', {}, sentence, cure, facts);
  /** @param {any} finding */
  const update = (finding) => {
    setAttribute(row, 'data-level', finding.severity);
    setText(sentence, finding.sentence);
    setWords(cure, finding.cure);
    setText(since, `since ${localTime(finding.since)} · `);
    setText(runbook, finding.runbook);
  };
  return { row, update };
}
