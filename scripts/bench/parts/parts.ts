/** The hand-written parts: what replaces each, and under which load its work is done. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { OtherVersion } from '../../rig/other-version.ts';
import { measurePlain, type Rounds } from '../measuring/measure-plain.ts';
import { measureStreams } from '../measuring/measure-streams.ts';
import type { Readings } from '../measuring/readings.ts';
import type { ProxyKind } from '../proxies/proxies.ts';
import { withLibraryCalls } from './library-calls.ts';

/** The readings of one start. */
interface Measured {
  /** Of the worker, µs per `unit`. */
  readonly cpu: Readings;
  /** Requests that failed, or streams that were lost. */
  readonly failures: Readings;
}

/** A part that can be replaced. */
export interface Part {
  readonly ours: string;
  readonly alternative: string;
  /** What a reading is the cost of. */
  readonly unit: string;
  /** Puts the alternative in the part's place. */
  replace(version: OtherVersion): void;
  /** Starts gateways of these kinds and loads them in turn. */
  measure(kinds: readonly ProxyKind[]): Promise<Measured>;
}

/** Short and many: what else the machine does for longer than that meets neighbouring readings alike. */
export const shortRounds: Rounds = { rounds: 41, seconds: 0.2, warmUpSeconds: 2 };

/** By the name for `--only`. */
export const parts: Readonly<Record<string, Part>> = {
  chunks: {
    ours: 'the chunked writer',
    alternative: "node:http's own chunks",
    unit: 'streamed chunk',
    replace(version) {
      version.change('worker/request/chunked-writer', () => scriptOf('plain-writer.ts'));
    },
    async measure(kinds) {
      const { cpu, lost } = await measureStreams(kinds, shortRounds);
      return { cpu, failures: lost };
    },
  },
  fold: {
    ours: 'the counters and histograms of the fold',
    alternative: "prom-client's own",
    unit: 'plain request',
    replace(version) {
      version.change('shared/metrics/folded-metric', () => scriptOf('library-metric.ts'));
      version.change('shared/metrics/record', withLibraryCalls);
    },
    async measure(kinds) {
      const { cpu, failed } = await measurePlain(kinds, shortRounds);
      return { cpu, failures: failed };
    },
  },
};

/** A file of this folder as JavaScript. */
function scriptOf(file: string): string {
  return stripTypeScriptTypes(readFileSync(new URL(file, import.meta.url), 'utf8'));
}
