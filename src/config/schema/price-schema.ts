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

const LEAST = 0.0001;
const MOST = 10_000;

const ofTokens: { readonly [kind in (typeof tokenPriceKinds)[number]]: string } = {
  input: 'What is sent.',
  output: 'What is answered.',
  cache_read: 'Input that was read from a cache. Default: as `input`.',
  cache_write: 'Input that was written to a cache. Default: not known.',
  cache_write_1h: 'The same for an hour. Default: not known.',
  cache_read_audio: 'Audio that was read from a cache. Default: as `input_audio`.',
  reasoning: 'Thoughts. Default: as `output`.',
  input_audio: 'Audio that is sent. Default: not known.',
  output_audio: 'Audio that is answered. Default: not known.',
  input_image: 'Images that are sent. Default: as `input`.',
  output_image: 'Images that are answered. Default: not known.',
};

const ofUses: { readonly [kind in (typeof usePriceKinds)[number]]: string } = {
  request: 'Each answer, besides its tokens. Default: nothing.',
  web_search: 'Searches of the web that the provider made. Default: not known.',
  web_fetch: 'Pages that it fetched. Default: not known.',
  code_execution: 'Code that it ran. Default: not known.',
  file_search: 'Searches in stored files. Default: not known.',
  image_generation: 'Images that a tool made. Default: not known.',
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
    description: 'For requests with more tokens of input than so, those from a cache counted in.',
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
  free: yesOrNo({ description: 'Nothing of it costs anything, as of a model of your own.' }).optional(),
})
  .refine(({ free, ...prices }) => free !== true || Object.values(prices).every((price) => price === undefined), {
    message: expectedAlone,
    path: ['free'],
  })
  .optional()
  .meta({
    description:
      'What it costs, in dollars: per million tokens, and per thousand of `request` and of uses of tools. It replaces all that is known otherwise; that of a target replaces that of its model.',
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
