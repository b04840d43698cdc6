/**
 * The shape of a configuration file, strict at every level: the one source of what the loader takes and of the JSON
 * Schema that editors use. What concerns more than one value stands in `cross-checks.ts`.
 */
import { z } from 'zod';
import { providerTypes } from '../../shared/config.ts';
import { defaultBaseUrls } from './defaults.ts';
import { fullBlocks } from './schema-blocks.ts';
import { mapping, oneOf, secret, text, wholeNumber } from './schema-values.ts';

const { general, server, admin, log, drain, retry, circuit, timeouts } = fullBlocks;

const urlWish = 'an absolute http(s) URL without credentials, query or fragment';
const baseUrl = text(urlWish, /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[^\s?#@\\]*)?$/, {
  description: `Where it answers; by default, by type: ${Object.values(defaultBaseUrls).join(', ')}.`,
}).refine((url) => URL.canParse(url), urlWish);

const provider = mapping(
  {
    type: oneOf(providerTypes, { description: 'The dialect that the provider speaks.' }),
    base_url: baseUrl.optional(),
    api_key: secret({ description: 'Its key; empty for a provider that wants none.' }).optional(),
    retry: retry.partial().optional(),
    circuit: circuit.partial().optional(),
    timeouts: timeouts.partial().optional(),
  },
  { description: 'An upstream; it has one circuit.' },
);

const target = mapping(
  {
    provider: z.string('the name of a provider').meta({ description: 'The name of a provider above.' }),
    model: text('the name of a model', /^\S{1,256}$/, {
      description: "The model's name at that provider.",
    }),
    max_tokens: wholeNumber('a whole number from 1', 1, 10_000_000, {
      description: 'Used when the client gives none; Anthropic requires one.',
    }).optional(),
    timeouts: timeouts.partial().optional(),
  },
  { description: 'A provider and the model name that it knows.' },
);

const model = mapping({
  targets: z
    .array(target, 'a list of targets')
    .min(1, 'at least one target')
    .meta({ description: 'In order of preference.' }),
  timeouts: timeouts.partial().optional(),
});

/** Names become label values, headers and parts of paths. */
const modelName = z
  .string()
  .regex(
    /^(?!other$)[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/,
    'a name of letters, digits and . _ : / @ + - (up to 128), and not "other", which is reserved',
  );
const providerName = z
  .string()
  .regex(
    /^(?!unknown$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'a name of letters, digits and . _ - (up to 64), and not "unknown", which is reserved',
  );

/** A configuration file. */
export const configSchema = mapping({
  version: z.literal(1, '1').optional().meta({ description: 'Version of this format.', default: 1 }),
  ...general.partial().shape,
  server: server.partial().optional().meta({ description: 'The data port. A change needs a restart.' }),
  admin: admin.partial().optional().meta({ description: 'The admin port. A change needs a restart.' }),
  log: log.partial().optional().meta({ description: 'Logging.' }),
  drain: drain.partial().optional().meta({ description: 'How open requests are waited for.' }),
  providers: z
    .record(providerName, provider, 'a mapping of providers by name')
    .meta({ description: 'Upstreams by name.', minProperties: 1 }),
  models: z
    .record(modelName, model, 'a mapping of models by name')
    .meta({ description: 'The names that clients ask for.', minProperties: 1 }),
  retry: retry.partial().optional().meta({ description: 'Retries at one provider; may also stand under a provider.' }),
  circuit: circuit.partial().optional().meta({ description: 'When circuits open; may also stand under a provider.' }),
  timeouts: timeouts
    .partial()
    .optional()
    .meta({ description: 'Limits of each phase; may also stand under a provider, a model or a target.' }),
});

/** A configuration file's content once checked: durations in milliseconds, sizes in bytes. */
export type ConfigInput = z.output<typeof configSchema>;
