/** A cell of the tables: one thing tried with one client at one target, and what was wrong. */

export interface Cell {
  readonly client: string;
  readonly target: string;
  readonly feature: string;
  /** What was wrong, a line each; empty: all was right. */
  readonly faults: readonly string[];
  /** It cannot work, and right is that the client is told so. Default false. */
  readonly isRefused?: boolean;
}

/** Collects what is wrong. */
export class Faults {
  readonly lines: string[] = [];

  /** Notes `what` unless the values are the same, as JSON. */
  same(what: string, seen: unknown, meant: unknown): void {
    const [a, b] = [JSON.stringify(seen), JSON.stringify(meant)];
    if (a !== b) this.lines.push(`${what}: ${shortened(a)} instead of ${shortened(b)}`);
  }

  /** Notes `what` unless it holds. */
  holds(what: string, isSo: boolean): void {
    if (!isSo) this.lines.push(what);
  }
}

function named(what: string, features: readonly string[]): readonly string[] {
  return features.length === 0 ? [] : [`${what}: ${features.join(', ')}`];
}

function shortened(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** The table of all cells: a row for each client, a column for each target, and the features that failed. */
export function tableOf(cells: readonly Cell[], targets: readonly string[]): string {
  const clients = [...new Set(cells.map(({ client }) => client))];
  const rows = clients.map((client) => [
    client,
    ...targets.map((target) => {
      const own = cells.filter((cell) => cell.client === client && cell.target === target);
      const failed = own.filter(({ faults }) => faults.length > 0).map(({ feature }) => feature);
      const refused = own.filter(({ isRefused = false }) => isRefused).map(({ feature }) => feature);
      if (own.length === 0) return '–';
      const count = `${own.length - failed.length}/${own.length}`;
      return [count, ...named('refused', refused), ...named('not', failed)].join(', ');
    }),
  ]);
  return ['client', ...targets]
    .map((head, column) => [head, ...rows.map((row) => row[column] ?? '')])
    .map((column) => {
      const width = Math.max(...column.map(({ length }) => length));
      return column.map((text) => text.padEnd(width));
    })
    .reduce((lines, column) => lines.map((line, index) => `${line} | ${column[index]}`))
    .map((line) => line.trimEnd())
    .join('\n');
}
