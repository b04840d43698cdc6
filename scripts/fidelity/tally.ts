/** What became of the cells, added up, and shown as a table: a line for each pair and kind of answer. */
import { table } from '../../src/cli/table.ts';
import { type Mode, modes, type Tried } from './cells.ts';

interface Count {
  tried: number;
  same: number;
  error: number;
  refused: number;
  wrong: number;
}

const none = (): Count => ({ tried: 0, same: 0, error: 0, refused: 0, wrong: 0 });

export class Tally {
  readonly #rows = new Map<string, Map<Mode, Count>>();
  readonly #total = none();
  readonly #wrong: Tried[] = [];

  add(tried: Tried): void {
    const name = `${tried.face} ← ${tried.outbound}: ${tried.content}`;
    const row = this.#rows.get(name) ?? new Map(modes.map((mode) => [mode, none()]));
    this.#rows.set(name, row);
    for (const count of [this.#total, row.get(tried.mode) ?? none()]) {
      count.tried += 1;
      count[tried.outcome] += 1;
    }
    if (tried.outcome === 'wrong') this.#wrong.push(tried);
  }

  get wrong(): readonly Tried[] {
    return this.#wrong;
  }

  /** Lines: in each cell the requests whose client read all of it, those whose client got an error, those that are wrong. */
  lines(): string[] {
    const rows = [...this.#rows].map(([name, counts]) => [name, ...[...counts.values()].map(asText)]);
    return table(['', ...modes], rows, { rule: true, rightFrom: 1 });
  }

  total(): string {
    const { tried, same, error, refused, wrong } = this.#total;
    return `${tried} requests: ${same} read as they were meant, ${error} broken and an error to the client, ${refused} refused by name, ${wrong} wrong`;
  }
}

function asText({ tried, same, error, refused, wrong }: Count): string {
  if (tried === 0) return '–';
  if (refused === tried) return 'refused';
  if (same === tried) return `${same}`;
  return `${same}+${error}${refused > 0 ? `, ${refused} refused` : ''}${wrong > 0 ? `, ${wrong} WRONG` : ''}`;
}
