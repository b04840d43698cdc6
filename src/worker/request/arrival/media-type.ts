/** What the headers of a request must say of its body's media type, by the rule of its endpoint. */
import type { IncomingHttpHeaders } from 'node:http';
import type { BodyRule } from '../../../shared/endpoints.ts';
import { GatewayError } from '../../../shared/errors.ts';

const types: Readonly<Record<Exclude<BodyRule, 'none'>, { readonly pattern: RegExp; readonly name: string }>> = {
  json: { pattern: /^application\/json\s*(;|$)/i, name: 'application/json' },
  form: { pattern: /^multipart\/form-data\s*(;|$)/i, name: 'multipart/form-data' },
  'json-or-form': {
    pattern: /^(?:application\/json|multipart\/form-data)\s*(;|$)/i,
    name: 'application/json or multipart/form-data',
  },
};

/** Throws `unsupported_media_type` (415). */
export function checkMediaType(rule: BodyRule, headers: IncomingHttpHeaders): void {
  if (rule === 'none') return;
  const { pattern, name } = types[rule];
  if (!pattern.test(headers['content-type'] ?? '')) {
    throw new GatewayError('unsupported_media_type', `The content-type should be ${name}.`);
  }
}
