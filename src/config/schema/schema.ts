/**
 * The schema of a configuration file, strict at every level. The loader uses it, and the JSON Schema for editors is
 * made from it. Rules about more than one value are in `cross-checks.ts`.
 */
import { z } from 'zod';
import { dialectsOf, providers } from '../../providers/registry.ts';
import { headers, proxy, tls } from './egress-values.ts';
import { priceSchema } from './price-schema.ts';
import { settingShapes } from './provider-settings.ts';
import { fullBlocks } from './schema-blocks.ts';
import { duration, mapping, oneOf, secret, text, wholeNumber } from './schema-values.ts';
import { tracing } from './tracing-values.ts';

const { general, server, admin, log, drain, retry, circuit, timeouts } = fullBlocks;

const providerTypes = providers.map(({ type }) => type);

/** All dialects that a provider of any type can speak. */
const dialectNames = [...new Set(providers.flatMap(dialectsOf))];

/** Stands for a model in a path. */
const MODEL = 'MODEL';

/** Paths that the gateway adds to a base URL; of those that name a model, what stands behind it. */
const routes = providers
  .flatMap(({ dialects }) => Object.values(dialects))
  .flatMap((path) => {
    if (typeof path === 'string') return [path];
    return [false, true].map(
      (stream) => path({ model: MODEL, stream, settings: {} }).replace(/\?.*$/, '').split(MODEL).at(-1) ?? '',
    );
  })
  .filter((route) => route !== '');

const expectedUrl = 'an absolute http(s) URL without credentials, query or fragment, or unix:/SOCKET:/PATH';
const baseUrl = z
  .string(expectedUrl)
  .min(1, 'an address, or left out where its type has one')
  .regex(
    /^(?:https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[^\s?#@\\]*)?|unix:\/[^\s:?#]{1,106}(?::\/[^\s?#@\\]*)?)$/,
    expectedUrl,
  )
  .meta({
    description: `The provider's address, or \`unix:/run/vllm.sock:/v1\` for a server of this host that listens on a Unix socket; not empty. Default by type: ${providers.flatMap(({ baseUrl: url }) => (typeof url === 'string' ? url : [])).join(', ')}.`,
  })
  .refine((url) => URL.canParse(url), expectedUrl)
  .superRefine((url, context) => {
    const route = routes.find((each) => url.replace(/\/+$/, '').endsWith(each));
    if (route === undefined) return;
    context.addIssue(`an address that ends before ${route}, which the gateway adds itself`);
  });

const MOST_WEIGHT = 1_000_000;
const expectedWeight = `a number above 0, up to ${MOST_WEIGHT}`;
const weight = z.number(expectedWeight).positive(expectedWeight).max(MOST_WEIGHT, expectedWeight);

/** Used as a label value. */
const expectedKeyName =
  'a name of up to 64 letters, digits and . _ - that starts with a letter or digit, and tells nothing of the key';

/** Of an entry of `api_keys`: a name that may be shown, and the key by reference. */
const keyExample = `{ name: first, key: "\${FIRST_KEY}" }`;

const key = mapping(
  {
    name: text(expectedKeyName, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      description:
        'Stands for the key in metrics, in the log and in the ids of stored responses. `default` is the one that `api_key` has.',
    }),
    key: secret({ description: 'The key; an empty one counts as left out.' }),
    weight: weight.optional().meta({ description: 'Its share of the requests and sessions.', default: 1 }),
  },
  { description: 'A key, with a name.' },
  `a mapping of name and key, such as ${keyExample}`,
);

const expectedKeys = `a list of at least one key, such as [${keyExample}]`;

const provider = mapping(
  {
    type: oneOf(providerTypes, {
      description: 'What kind of provider it is: which API it has, at which address, with which kind of key.',
    }),
    base_url: baseUrl.optional(),
    dialects: z
      .array(oneOf(dialectNames, { description: 'The name of a dialect.' }), 'a list of dialects')
      .min(1, 'a list of at least one dialect')
      .optional()
      .meta({
        description:
          'What is spoken at this address, where it is not what the type says: `openai` speaks `openai-responses` at its own address only, unless it is in this list. Replaces the whole list; clients are answered in their own dialect if it is here.',
      }),
    api_key: secret({ description: "The provider's key; empty if it requires none." }).optional(),
    api_keys: z.array(key, expectedKeys).min(1, expectedKeys).optional().meta({
      description:
        'Several keys, in place of `api_key`. Requests are spread over them by weight, and a conversation keeps to one. After a 429, an exhausted quota or a refused key, that key alone cools down, and the next one is asked at once; the provider is left out while all of them cool down.',
    }),
    headers: headers.optional(),
    proxy: proxy.optional(),
    tls: tls.optional(),
    retry: retry.partial().optional(),
    circuit: circuit.partial().optional(),
    timeouts: timeouts.partial().optional(),
    // Behind `api_key`: accounts are told apart by secrets in this order (`account.ts`).
    ...settingShapes,
  },
  {
    description:
      'A provider; it has one circuit. An empty text counts as left out, so that a reference may be empty; a `base_url` may not, since the key would go to another address.',
  },
);

const target = mapping(
  {
    provider: z.string('the name of a provider').meta({ description: 'A name under `providers`.' }),
    model: text('the name of a model', /^\S{1,256}$/, {
      description: "The model's name at the provider. A `*` in it is what the one in the model's own name stands for.",
    }),
    max_tokens: wholeNumber('a whole number from 1', 1, 10_000_000, {
      description: 'Used if the request has none; Anthropic requires one, and gets 4,096 without it.',
    }).optional(),
    weight: weight.optional().meta({
      description: 'Its share among the targets of its level; where `balance` is `latency`, of sessions alone.',
      default: 1,
    }),
    price: priceSchema,
    timeouts: timeouts.partial().optional(),
  },
  { description: 'A provider and the name of a model there.' },
);

const atLeastOneTarget = 'a list of at least one target';

/** Names are used as label values, in headers and in URL paths. */
const characters = 'letters, digits and . _ : / @ + - that starts with a letter or digit';
const expectedAlias = `a name of up to 128 ${characters}, and not "other", which is reserved`;

/** What a gateway itself reads, or what a request is about, is the client's to say. */
const expectedParameter = 'the name of a parameter, and none of model, messages, input, prompt, stream';
const parameterPattern = /^(?!(?:model|messages|input|prompt|stream)$)[A-Za-z_][\w.-]{0,63}$/;
const parameterName = z.string(expectedParameter).regex(parameterPattern, expectedParameter);

const parameterValue = z.unknown().refine((value) => value !== null && value !== undefined && isJson(value), {
  message: 'a value that JSON can hold, and not null',
});

/** Whether a value has no number that JSON cannot write. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isJson);
}

const model = mapping({
  aliases: z
    .array(
      text(expectedAlias, /^(?!other$)[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/, { description: 'A name.' }),
      'a list of names',
    )
    .optional()
    .meta({
      description:
        'Other names by which clients may ask for this model. It is counted under its own name; `/v1/models` lists them all.',
      default: [],
    }),
  balance: oneOf(['order', 'weighted', 'latency', 'load'], {
    description:
      'How requests are spread over the targets of a level of preference: in the order of the list, at random by `weight`, by the least time to the first content, or by the fewest requests in flight for their `weight`. Latency and load are what a worker sees of its own requests.',
    default: 'order',
  }).optional(),
  sessions: oneOf(['auto', 'all', 'off'], {
    description:
      "Which requests keep to one target of a level while it can be used, whatever the balance: those that name their session by a header of Claude Code's, Codex's or `server.session_header`, and by `prompt_cache_key` if `balance` is `order` (auto) or always (all); or none (off).",
    default: 'auto',
  }).optional(),
  targets: z
    .array(
      z.union([target, z.array(target, 'a list of targets').min(1, atLeastOneTarget)], 'a target, or a list of them'),
      'a list of targets',
    )
    .min(1, atLeastOneTarget)
    .meta({
      description:
        'The targets, in order of preference. A list within the list is one level of preference. Other targets are a level each if `balance` is `order`; else all that follow each other are one level. A level is used while none before it can be.',
    }),
  defaults: z.record(parameterName, parameterValue, 'a mapping of parameters by name').optional().meta({
    description:
      "Parameters for requests that do not have them, or have null there, in the words of the client's API. One that another API has, and the client's does not, is left out. Not for forms.",
    default: {},
  }),
  drop: z.array(parameterName, 'a list of names of parameters').optional().meta({
    description:
      'Parameters that are taken out of requests, and named in `x-headgate-dropped-params`. With a default of the same name, the default takes the place of what the client sends. Not for forms.',
    default: [],
  }),
  fallbacks: mapping(
    {
      context: z
        .array(z.string('the name of a model').meta({ description: 'The name of a model.' }), 'a list of models')
        .optional()
        .meta({ description: 'Where a request goes whose context is too long, in this order.', default: [] }),
    },
    {
      description:
        'Other models for a request that this one cannot take. Its client gets their answer; it is counted under the model that was asked for.',
    },
  ).optional(),
  keep_alive_after: duration('1s', {
    description:
      "Streams get an event that says nothing after so much silence of all targets, so that no load balancer cuts them; from the first one on, a failure is an error event, no status. Default: only a provider's own comments and pings do that, after a second.",
  }).optional(),
  hosted_tools: oneOf(['refuse', 'drop'], {
    description:
      "Tools that only the client's API knows (web search, code interpreter), at a target of another API: the request is refused, or they are left out and named in `x-headgate-dropped-params`. Default: refuse.",
  }).optional(),
  price: priceSchema,
  timeouts: timeouts.partial().optional(),
});

const passthrough = mapping({
  files: z.string('the name of a provider').optional().meta({
    description: 'Gets all requests below `/v1/files`, with its first key. Without it they are refused with 404.',
  }),
  batches: z.string('the name of a provider').optional().meta({
    description:
      'Gets all requests below `/v1/batches`; usually the provider of `files`, which has what they refer to.',
  }),
});

const expectedModel = `a name of up to 128 ${characters}, or a pattern of these with one *, and not "other", which is reserved`;
const modelName = z.string().regex(/^(?!other$|.*\*.*\*)[A-Za-z0-9*][A-Za-z0-9._:/@+*-]{0,127}$/, expectedModel);
const providerName = z
  .string()
  .regex(
    /^(?!unknown$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'a name of up to 64 letters, digits and . _ - that starts with a letter or digit, and not "unknown", which is reserved',
  );

/** A configuration file. */
export const configSchema = mapping({
  version: z.literal(1, '1').optional().meta({ description: 'Version of this format.', default: 1 }),
  ...general.partial().shape,
  server: server.partial().optional().meta({ description: 'The data port. A change needs a restart.' }),
  admin: admin.partial().optional().meta({ description: 'The admin port. A change needs a restart.' }),
  log: log.partial().optional().meta({ description: 'Logging.' }),
  tracing: tracing.optional().meta({
    description:
      'Traces for an OpenTelemetry collector: a span for each request and each attempt. Needs packages that are installed beside the gateway; `check` names them.',
  }),
  drain: drain.partial().optional().meta({ description: 'How long open requests may finish.' }),
  providers: z
    .record(providerName, provider, 'a mapping of providers by name')
    .meta({ description: 'Providers by name.', minProperties: 1 }),
  models: z.record(modelName, model, 'a mapping of models by name').meta({
    description:
      'Models by the names that clients ask for. A name with a `*` stands for all names that match it: an exact name goes before it, and so does a pattern with more characters. Its requests are counted under the pattern.',
    minProperties: 1,
  }),
  passthrough: passthrough.optional().meta({
    description: 'The providers that get the requests of endpoints that name no model.',
  }),
  retry: retry.partial().optional().meta({ description: 'Retries at one provider; a provider may have its own.' }),
  circuit: circuit.partial().optional().meta({ description: 'When circuits open; a provider may have its own.' }),
  timeouts: timeouts
    .partial()
    .optional()
    .meta({ description: 'Time limits of each phase; a provider, a model or a target may have its own.' }),
});

/** The content of a configuration file after the check: durations in milliseconds, sizes in bytes. */
export type ConfigInput = z.output<typeof configSchema>;
