/** The contract of a section, which is a part of the bench: its input and its result. */
import type { ProxyKind } from '../proxies/proxies.ts';

/** Columns of the table in their order: key, head, digits after the point. */
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

/** Key of a column. */
export type ColumnKey = (typeof columns)[number][0];

/** Figures by column and by name of the row. */
export type Figures = Partial<Record<ColumnKey, Readonly<Record<string, number>>>>;

interface SectionResult {
  readonly figures: Figures;
  /** Results without a column, and remarks about the figures; whole lines. */
  readonly notes: readonly string[];
}

/** The input of a section. */
export interface Setup {
  /** The rows: the yardstick and everything that is compared with it. */
  readonly kinds: readonly ProxyKind[];
  /** Fewer rounds, less time. */
  readonly short: boolean;
}

/** Measures, and returns figures and notes. */
export type Section = (setup: Setup) => Promise<SectionResult>;

/** One figure for each kind, by its name. */
export function perRow(kinds: readonly ProxyKind[], figure: (row: string) => number): Record<string, number> {
  return Object.fromEntries(kinds.map(({ name }) => [name, figure(name)]));
}

/** A share of one core, as text. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
