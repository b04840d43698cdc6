/** Where the price of a target stands: under the target itself, else under its model. */
import type { ConfigInput } from './schema/schema.ts';
import type { Path } from './source/faults.ts';

/** The path of the block that counts; null for none. @param index among all targets of the model, in the order of the file */
export function pricePath({ models }: ConfigInput, model: string, index: number): Path | null {
  const input = Object.hasOwn(models, model) ? models[model] : undefined;
  if (input === undefined) return null;
  const targets = input.targets.flatMap((entry, at) =>
    Array.isArray(entry)
      ? entry.map((target, below) => ({ target, path: [at, below] }))
      : [{ target: entry, path: [at] }],
  );
  const found = targets[index];
  if (found?.target.price !== undefined) return ['models', model, 'targets', ...found.path, 'price'];
  return input.price === undefined ? null : ['models', model, 'price'];
}
