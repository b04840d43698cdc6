/**
 * Warns of values that look like references of other programs, and are taken as they stand: `$NAME` of shells,
 * `os.environ/NAME` of LiteLLM, `env:NAME`, `process.env.NAME` and `{{ NAME }}` of templates. Pure.
 */
import { mayBeSecret } from '../schema/secret-paths.ts';
import { formatPath, type Path } from '../source/faults.ts';
import { originKey } from '../source/origins.ts';
import { isMapping } from '../source/source-tree.ts';
import type { Concern, LoadedConfig } from './warning.ts';

const forms = [
  /^\$([A-Za-z_]\w*)$/,
  /^os\.environ\/([A-Za-z_]\w*)$/,
  /^(?:process\.)?env[.:]([A-Za-z_]\w*)$/i,
  /^%([A-Za-z_]\w*)%$/,
  /^\$?\{\{\s*(?:env\.)?([A-Za-z_]\w*)\s*\}\}$/,
];

/** What came from a reference of ours is nobody's reference. */
export function literalReferences({ tree, origins }: Pick<LoadedConfig, 'tree' | 'origins'>): Concern[] {
  const found: Concern[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) for (const [index, child] of value.entries()) visit(child, [...path, index]);
    if (isMapping(value)) for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
    if (typeof value !== 'string' || origins.has(originKey(path))) return;
    const name = nameIn(value);
    if (name === null) return;
    // A password may have this form, too.
    const shown = mayBeSecret(path) ? 'NAME' : name;
    const message = `${formatPath(path)} looks like a reference to a variable, but is taken as it stands: write \${${shown}}`;
    found.push({ path, message });
  };
  visit(tree.value, []);
  return found;
}

function nameIn(value: string): string | null {
  for (const form of forms) {
    const name = form.exec(value)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}
