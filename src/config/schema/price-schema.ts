/**
 * Prices in a configuration: in dollars, as providers' pages have them, and as a table of our own after the check. What
 * has its own price is written; `worker/policies/cost.ts` says what the rest costs.
 */
import { z } from 'zod';
import {
  type PriceStep,
  type PriceTable,
  perMillion,
  perThousand,
  pricedTiers,
  type Rates,
  type SteppedRates,
  tokenPriceKinds,
  usePriceKinds,
} from '../../shared/prices.ts';
import { mapping, wholeNumber, yesOrNo } from './schema-values.ts';

/** In dollars. */
const LEAST = 0.0001;
const MOST = 10_000;

const UNKNOWN = 'Default: not known, and then neither is the price of an answer with some.';

const ofTokens: { readonly [kind in (typeof tokenPriceKinds)[number]]: string } = {
  input: 'The request: all that the model reads.',
  output: 'The answer.',
  cache_read: 'Input that was read from a cache. Default: as `input`.',
  cache_write: `Input that was written to a cache. ${UNKNOWN}`,
  cache_write_1h: `Input that was written to a cache for an hour. ${UNKNOWN}`,
  cache_read_audio: 'Audio that was read from a cache. Default: as `input_audio`.',
  reasoning: 'What the model thinks before it answers. Default: as `output`.',
  input_audio: `Audio in the request. ${UNKNOWN}`,
  output_audio: `Audio in the answer. ${UNKNOWN}`,
  input_image: 'Images in the request. Default: as `input`.',
  output_image: `Images in the answer. ${UNKNOWN}`,
};

const ofUses: { readonly [kind in (typeof usePriceKinds)[number]]: string } = {
  request: 'Each answer, in addition to its tokens. Default: 0.',
  web_search: `Searches of the web that the provider made. ${UNKNOWN}`,
  web_fetch: `Pages that the provider fetched. ${UNKNOWN}`,
  code_execution: `Code that the provider ran. ${UNKNOWN}`,
  file_search: `Searches in stored files. ${UNKNOWN}`,
  image_generation: `Images that a tool of the provider made. ${UNKNOWN}`,
};

function dollars(per: string, description: string) {
  const expected = `dollars ${per}: 0, or from ${LEAST} to ${MOST}`;
  const isPrice = (value: number) => value === 0 || (value >= LEAST && value <= MOST);
  return z
    .number(expected)
    .min(0, expected)
    .max(MOST, expected)
    .refine(isPrice, expected)
    .optional()
    .meta({ description });
}

const tokenShape = shapeOf(tokenPriceKinds, (kind) => dollars('per million tokens', ofTokens[kind]));
const useShape = shapeOf(usePriceKinds, (kind) => dollars('per thousand', ofUses[kind]));

function shapeOf<Kind extends string, Schema>(kinds: readonly Kind[], schemaOf: (kind: Kind) => Schema) {
  return Object.fromEntries(kinds.map((kind) => [kind, schemaOf(kind)])) as { [kind in Kind]: Schema };
}

const step = mapping({
  tokens: wholeNumber('a whole number from 1', 1, 1_000_000_000, {
    description:
      'The prices beside it are for requests with more tokens of input than this, those read from a cache included.',
  }),
  ...tokenShape,
});

const expectedAbove = 'a mapping of prices, or a list of them';
const above = z
  .union([step, z.array(step, 'a list of mappings')], expectedAbove)
  .optional()
  .meta({ description: 'Other prices for long requests; what is not named stays. A list for several lengths.' });

const tier = mapping({ ...tokenShape, above }).optional();

const expectedAlone = 'alone: what is free has no other price';

/** The block of a model or of a target. */
export const priceSchema = mapping({
  ...tokenShape,
  ...useShape,
  above,
  tiers: mapping({
    priority: tier.meta({ description: 'Of answers served as `priority`.' }),
    flex: tier.meta({ description: 'Of answers served as `flex`.' }),
    batch: tier.meta({ description: 'Of answers served as `batch`.' }),
    scale: tier.meta({ description: 'Of answers served as `scale`.' }),
    fast: tier.meta({ description: 'Of answers served as `fast`.' }),
    ultrafast: tier.meta({ description: 'Of answers served as `ultrafast`.' }),
  })
    .optional()
    .meta({
      description:
        'Prices of tokens where the provider says that it served another tier than the usual one. Without them such an answer has no known price.',
    }),
  free: yesOrNo({ description: 'All of it costs nothing, such as a model on a host of your own.' }).optional(),
})
  .refine(({ free, ...prices }) => free !== true || Object.values(prices).every((price) => price === undefined), {
    message: expectedAlone,
    path: ['free'],
  })
  .optional()
  .meta({
    description:
      'Prices in dollars: per million tokens, and per thousand of `request` and of uses of tools. They replace all that the built-in price list says; those of a target replace those of its model.',
  });

type PriceInput = NonNullable<z.output<typeof priceSchema>>;
type ListInput = NonNullable<NonNullable<PriceInput['tiers']>['priority']>;

const nothing: Rates = Object.fromEntries([...tokenPriceKinds, ...usePriceKinds].map((kind) => [kind, 0]));

/** The block as a table. */
export function tableFrom({ free, tiers, ...list }: PriceInput): PriceTable {
  if (free === true) return { periods: [{ rates: nothing }] };
  const uses = useRates(list);
  const table = { periods: [listFrom(list, uses)] };
  const others = pricedTiers.flatMap((name) => {
    const ofTier = tiers?.[name];
    return ofTier === undefined ? [] : [[name, listFrom(ofTier, uses)] as const];
  });
  return others.length === 0 ? table : { ...table, tiers: Object.fromEntries(others) };
}

function listFrom({ above: given = [], ...prices }: ListInput, uses: Rates): SteppedRates {
  const rates = { ...tokenRates(prices), ...uses };
  const steps = [given]
    .flat()
    .map(({ tokens, ...other }): PriceStep => ({ above: tokens, rates: tokenRates(other) }))
    .sort((one, other) => one.above - other.above);
  return steps.length === 0 ? { rates } : { rates, steps };
}

function tokenRates(prices: { readonly [kind in (typeof tokenPriceKinds)[number]]?: number | undefined }): Rates {
  return Object.fromEntries(
    tokenPriceKinds.flatMap((kind) => {
      const price = prices[kind];
      return price === undefined ? [] : [[kind, perMillion(price)]];
    }),
  );
}

function useRates(prices: { readonly [kind in (typeof usePriceKinds)[number]]?: number | undefined }): Rates {
  return Object.fromEntries(
    usePriceKinds.flatMap((kind) => {
      const price = prices[kind];
      return price === undefined ? [] : [[kind, perThousand(price)]];
    }),
  );
}
