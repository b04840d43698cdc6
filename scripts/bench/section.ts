/** A part of the bench: what it is given and what it tells. */
import type { ProxyKind } from './proxies.ts';

/** Columns of the table, in their order: key, heading, digits after the point. */
export const columns = [
  ['plainCpu', 'CPU µs / request', 1],
  ['plainPrimaryCpu', 'and primary', 1],
  ['plainRatio', '× bare', 2],
  ['perSecond', 'requests / s', 0],
  ['chunkCpu', 'CPU µs / chunk', 1],
  ['chunkPrimaryCpu', 'and primary', 1],
  ['chunkRatio', '× bare', 2],
  ['addedP50', '+ ms p50', 2],
  ['addedP99', 'p99', 2],
  ['addedFirstP50', '+ ms to 1st chunk p50', 2],
  ['addedFirstP99', 'p99', 2],
  ['restMb', 'MB at rest', 0],
  ['streamsMb', 'in streams', 0],
  ['afterMb', 'after', 0],
  ['bootMs', 'boot ms', 0],
] as const;

export type ColumnKey = (typeof columns)[number][0];

/** Figures by column and by name of the row. */
export type Figures = Partial<Record<ColumnKey, Readonly<Record<string, number>>>>;

export interface SectionResult {
  readonly figures: Figures;
  /** What no column holds, and what to know about the figures; whole lines. */
  readonly notes: readonly string[];
}

export interface Setup {
  /** The yardstick and whatever else is compared. */
  readonly kinds: readonly ProxyKind[];
  /** Less of everything. */
  readonly short: boolean;
}

export type Section = (setup: Setup) => Promise<SectionResult>;

/** One figure for each kind. */
export function perRow(kinds: readonly ProxyKind[], figure: (row: string) => number): Record<string, number> {
  return Object.fromEntries(kinds.map(({ name }) => [name, figure(name)]));
}
