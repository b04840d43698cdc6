/**
 * The verdict: on the page, in its title, in its icon, and aloud. It is the gateway's own (`primary/verdict/`); nothing is
 * judged here. Screen readers hear it where it changes, but not each time that only its numbers do.
 */
import { byId, element, setAttribute, setText, setWords, show } from '../dom/elements.js';
import { keyedRows } from '../dom/keyed-rows.js';
import { duration, localTime } from '../words/times.js';
import { setIcon } from './icon.js';
import { rowOfModel } from './models.js';

/** @import { Status } from '../../primary/admin/status.ts' */
/** @import { LinkState } from '../live/connection.js' */
/** @typedef {Status['verdict']['findings'][number]} Finding */

const marks = { well: '✓', warn: '!', page: '‼', lost: '?' };
const levelWords = { well: 'Nothing is to be done', warn: 'Warning', page: 'Act now' };

/** Stands above all else. */
export function verdictSection() {
  const drawFindings = keyedRows(
    byId('findings'),
    ({ alert, model, provider }) => `${alert} ${model} ${provider}`,
    findingItem,
  );
  const announce = announcer();
  /** @type {Status | null} */
  let last = null;
  let isLost = false;
  const drawAround = () => {
    if (isLost) announce('lost', 'No connection', 'No connection to the gateway', last?.hostname);
    else if (last !== null) {
      const { level, sentence } = last.verdict;
      announce(level, sentence, `${levelWords[level]}: ${sentence}`, last.hostname);
    }
  };
  return {
    /** @param {Status} status */
    draw: (status) => {
      last = status;
      const { level, sentence, since, findings } = status.verdict;
      setAttribute(byId('verdict'), 'data-level', level);
      setText(byId('verdict-mark'), marks[level]);
      setText(byId('verdict-sentence'), sentence);
      setText(byId('verdict-level'), levelWords[level]);
      show(byId('verdict-since'), since !== null);
      if (since !== null) setText(byId('verdict-since'), `since ${localTime(since)}`);
      drawFindings(findings);
      drawAround();
    },
    /** @param {LinkState} link */
    drawLink: (link) => {
      const { isStale, ageMs } = link;
      show(byId('verdict-age'), isStale && ageMs !== null);
      if (isStale && ageMs !== null) setText(byId('verdict-age'), `· as it was ${duration(ageMs / 1000)} ago`);
      if (isLost === (link.isLost && link.isStale)) return;
      isLost = !isLost;
      drawAround();
    },
  };
}

/** Says it where it can be heard, and where it is seen while another page is looked at. */
function announcer() {
  let said = '';
  /** @param {keyof typeof marks} level @param {string} sentence @param {string} aloud @param {string} [hostname] */
  return (level, sentence, aloud, hostname = location.host) => {
    document.title = `${marks[level]} ${sentence} · ${hostname} · Headgate`;
    setIcon(level);
    const kind = `${level} ${sentence.replace(/[\d.]+/g, '#')}`;
    if (kind === said) return;
    said = kind;
    setText(byId('announcer'), aloud);
  };
}

/** @param {Finding} first */
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
  /** @param {Finding} finding */
  const update = (finding) => {
    setAttribute(row, 'data-level', finding.severity);
    setText(sentence, finding.sentence);
    setWords(cure, finding.cure);
    setText(since, `since ${localTime(finding.since)} · `);
    setText(runbook, finding.runbook);
  };
  return { row, update };
}
