/**
 * One screen of `headgate top`: whether the gateway is well, then its models, worst first, with their targets, then
 * providers that cool down, and workers. Pure. It fits any terminal: what does not is cut, and said to be.
 */
import { localTime } from '../../shared/local-time.ts';
import type { Paint, Tone } from '../colour.ts';
import { counted } from '../counted.ts';
import type { StatusAnswer } from '../status-answer.ts';
import { fitted } from '../table.ts';
import { wrapped } from '../wrapped.ts';
import { modelRows, type Row } from './model-rows.ts';

/** What is known at this moment. */
interface Seen {
  readonly status: StatusAnswer;
  /** Null while events arrive; else since when they do not, and why. */
  readonly lost: { readonly sinceMs: number; readonly why: string } | null;
  /** Now, since 1970. */
  readonly wallMs: number;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The width of the numbers' columns. */
const NUMBER = 6;
const NUMBERS = ['share', 'req/s', 'err', 'p50', 'p99', 'first', 'tok/s'] as const;
const STATE = 12;

/** Findings behind the worst that have lines of their own: on the smallest terminal models must have room too. */
const MOST_OTHERS = 2;

const toneOf: Readonly<Record<string, Tone>> = { well: 'good', warn: 'warn', page: 'bad' };

/** At most `rows` lines, each at most `columns` wide, without colours' codes. */
export function screenLines({ status, lost, wallMs }: Seen, { columns, rows }: Size, paint: Paint): string[] {
  const name = Math.max(12, columns - STATE - NUMBERS.length * NUMBER - 1);
  const line = (row: Row) => {
    const numbers = NUMBERS.map((_, index) => (row.numbers[index] ?? '').padStart(NUMBER));
    const cells = `${fitted(row.name, name)} ${fitted(row.state, STATE)}${numbers.join('')}`;
    return paint(lost === null ? row.tone : 'quiet', fitted(cells, columns).trimEnd());
  };
  const head = [...headLines({ status, lost, wallMs }, columns, paint), ''];
  const table = [
    paint(
      'quiet',
      line({
        name: 'MODEL, TARGETS',
        state: 'STATE',
        numbers: NUMBERS.map((each) => each.toUpperCase()),
        tone: 'plain',
      }),
    ),
    ...modelRows(status, wallMs).map(line),
  ];
  const foot = ['', ...workerLines(status, columns).map((text) => paint('quiet', text))];
  const room = rows - head.length - foot.length;
  if (table.length <= room) return [...head, ...table, ...foot];
  const shown = table.slice(0, Math.max(1, room - 1));
  const more = `… ${counted(table.length - shown.length, 'further line')}: a larger terminal, or the status page`;
  return [...head, ...shown, paint('quiet', fitted(more, columns)), ...foot].slice(0, rows);
}

function headLines({ status, lost, wallMs }: Seen, columns: number, paint: Paint): string[] {
  const { version, hostname, verdict } = status;
  const where = hostname === undefined ? '' : ` on ${hostname}`;
  const title = `headgate ${version}${where}`;
  const right = `${localTime(wallMs)}  q quits`;
  const first = `${fitted(title, Math.max(0, columns - right.length - 1))} ${right}`;
  if (lost !== null) {
    const text = `no connection for ${Math.round((wallMs - lost.sinceMs) / 1000)} s: ${lost.why}`;
    return [fitted(first, columns), ...inTwoLines(text, columns).map((line) => paint('bad', line))];
  }
  const tone = toneOf[verdict?.level ?? ''] ?? 'plain';
  const state = inTwoLines(verdict?.sentence ?? 'this version judges nothing', columns);
  const [worst, ...others] = verdict?.findings ?? [];
  const more = others.length - MOST_OTHERS;
  return [
    fitted(first, columns),
    ...state.map((text) => paint(tone, text)),
    ...(worst === undefined ? [] : inTwoLines(`→ ${worst.cure}`, columns)),
    ...others
      .slice(0, MOST_OTHERS)
      .flatMap(({ severity, sentence, cure }) => [
        paint(toneOf[severity] ?? 'plain', fitted(sentence, columns)),
        fitted(`→ ${cure}`, columns),
      ]),
    ...(more > 0 ? [fitted(`… ${counted(more, 'further finding')}: headgate status`, columns)] : []),
  ];
}

/** The end of a sentence says why, so it is not cut before its second line is full. */
function inTwoLines(sentence: string, columns: number): string[] {
  const [one = '', ...others] = wrapped(sentence.split(' '), ' ', '', columns, '  ');
  const rest = others.map((line) => line.trim()).join(' ');
  return [one, ...(rest === '' ? [] : [`  ${rest}`])].map((line) => fitted(line, columns));
}

function workerLines({ workers }: StatusAnswer, columns: number): string[] {
  const ready = workers.filter(({ state }) => state === 'ready').length;
  const inFlight = workers.reduce((sum, worker) => sum + worker.inFlight, 0);
  const others = workers.filter(({ state }) => state !== 'ready').map(({ slot, state }) => `${slot} is ${state}`);
  const words = [`${counted(ready, 'worker')} ready`, ...others, `${counted(inFlight, 'request')} in flight`];
  return [fitted(words.join(', '), columns)];
}
