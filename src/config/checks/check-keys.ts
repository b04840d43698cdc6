/**
 * Checks the list of a provider's keys. The tree may be invalid; what this file cannot read is skipped. Pure.
 */
import { providers } from '../../providers/registry.ts';
import type { Fault } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, mappingAt, type SourceTree } from '../source/source-tree.ts';

/** Faults of lists beside an `api_key` or where only one key is of use, of names that occur twice, and of keys in the place of names, which are shown. */
export function checkKeys(tree: SourceTree, origins: Origins): Fault[] {
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    if (!isMapping(provider) || !Array.isArray(provider.api_keys)) return [];
    const path = ['providers', name, 'api_keys'];
    const message = 'should be left out beside api_key: put that key into the list';
    const beside = 'api_key' in provider ? [faultAt(tree.places.ofKey(path), path, message)] : [];
    const known = providers.find(({ type }) => type === provider.type);
    const needless =
      known?.hasOneKey === true
        ? [
            faultAt(
              tree.places.ofKey(path),
              path,
              `should be left out: type ${known.type} shows who asks by \`credentials\`; for several accounts, add a provider for each`,
            ),
          ]
        : [];
    const names = provider.api_keys.map((key: unknown) => (isMapping(key) ? key.name : undefined));
    const doubled = names.flatMap((each, index) => {
      if (typeof each !== 'string' || names.indexOf(each) === index) return [];
      return [wrongAt(tree, [...path, index, 'name'], 'a name that no key before it has', origins)];
    });
    const shown = provider.api_keys.flatMap((key: unknown, index) => {
      if (!isMapping(key) || key.name === undefined || key.name !== key.key) return [];
      const at = [...path, index, 'name'];
      const shouldBe = 'should be a name that tells nothing of the key, got the key itself';
      return [faultAt(tree.places.ofValue(at), at, shouldBe)];
    });
    return [...beside, ...needless, ...doubled, ...shown];
  });
}
