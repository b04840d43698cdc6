/**
 * The models that a gateway under test must have. Their names say which targets they have; a model is used by one cell at a
 * time, so there are several of each kind.
 *
 *   wall-one-openai-1      openai: wall-one-openai-1
 *   wall-two-openai-1      openai: wall-two-openai-1, then anthropic: wall-two-openai-1-spare
 *   wall-two-same-1        openai: wall-two-same-1, then openai: wall-two-same-1-spare
 *   wall-two-responses-1   openai, asked for responses only: wall-two-responses-1, then anthropic: wall-two-responses-1-spare
 */

import { stringify } from 'yaml';
import type { DialectName } from '../../mock/dialects/ask.ts';
import { addressText } from '../../shared/host/loopback.ts';
import { rememberedFaults } from './wall-faults.ts';

/** A kind of model: its targets, by the fake provider of each. Only the first one ever fails. */
export interface ModelKind {
  readonly name: string;
  readonly first: DialectName;
  readonly spare: DialectName | null;
  /** Which APIs it is asked in: those that can be translated for its targets, those that cannot, or one alone. */
  readonly apis: 'all' | 'translated' | 'untranslated' | 'responses';
}

export const modelKinds: readonly ModelKind[] = [
  { name: 'one-openai', first: 'openai', spare: null, apis: 'all' },
  { name: 'one-anthropic', first: 'anthropic', spare: null, apis: 'translated' },
  { name: 'one-responses', first: 'openai', spare: null, apis: 'responses' },
  { name: 'two-openai', first: 'openai', spare: 'anthropic', apis: 'translated' },
  { name: 'two-anthropic', first: 'anthropic', spare: 'openai', apis: 'translated' },
  { name: 'two-same', first: 'openai', spare: 'openai', apis: 'untranslated' },
  { name: 'two-responses', first: 'openai', spare: 'anthropic', apis: 'responses' },
];

/** How many models of each kind are used side by side. Further ones are there for the remembered faults, one each. */
export const LANES = 6;
/** Of one target. */
export const MOST_ATTEMPTS = 2;

/** The name of a model, at the gateway and at its first target. @param lane from 1 */
export function modelName({ name }: ModelKind, lane: number): string {
  return `wall-${name}-${lane}`;
}

/** The name of a model at its second target. */
export function spareName(model: string): string {
  return `${model}-spare`;
}

/** The first `count` of them, from 1. */
export function laneNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Where the fake providers are. */
export interface WallPorts {
  readonly openai: number;
  readonly anthropic: number;
}

/** The configuration of a Headgate for the wall, as a file: short limits, and no circuit that opens. */
export function wallYaml(host: string, ports: WallPorts): string {
  return stringify(wallConfig(host, ports), { lineWidth: 120 });
}

function wallConfig(host: string, { openai, anthropic }: WallPorts): object {
  const targets = ({ first, spare, apis }: ModelKind, model: string) => [
    { provider: apis === 'responses' ? 'responses' : first, model, ...limitOf(first) },
    ...(spare === null ? [] : [{ provider: `spare-${spare}`, model: spareName(model), ...limitOf(spare) }]),
  ];
  const lanes = laneNumbers(LANES + rememberedFaults.length);
  const models = modelKinds.flatMap((kind) =>
    lanes.map((lane) => {
      const model = modelName(kind, lane);
      return [model, { targets: targets(kind, model) }];
    }),
  );
  const at = { openai: `http://${addressText(host, openai)}/v1`, anthropic: `http://${addressText(host, anthropic)}` };
  return {
    version: 1,
    providers: {
      openai: { type: 'openai', base_url: at.openai, api_key: 'wall-openai', proxy: 'none' },
      anthropic: { type: 'anthropic', base_url: at.anthropic, api_key: 'wall-anthropic', proxy: 'none' },
      responses: {
        type: 'openai',
        base_url: at.openai,
        api_key: 'wall-responses',
        proxy: 'none',
        dialects: ['openai-responses'],
      },
      'spare-openai': { type: 'openai', base_url: at.openai, api_key: 'wall-spare-openai', proxy: 'none' },
      'spare-anthropic': { type: 'anthropic', base_url: at.anthropic, api_key: 'wall-spare-anthropic', proxy: 'none' },
    },
    models: Object.fromEntries(models),
    retry: { attempts: MOST_ATTEMPTS, base_delay: '1ms', max_delay: '5ms', budget: 1 },
    circuit: { outcomes: 10_000, min_failures: 10_000 },
    timeouts: { connect: '1s', headers: '2s', first_content: '2s', stall: '2s', total: '6s', max_stream: '10s' },
  };
}

function limitOf(dialect: DialectName): object {
  return dialect === 'anthropic' ? { max_tokens: 1_000 } : {};
}
