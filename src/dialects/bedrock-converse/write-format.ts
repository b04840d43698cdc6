/** Writes what the answer must be besides a text. */
import type { ConverseRequest } from '../../wire/converse.ts';
import type { HubRequest } from '../hub.ts';
import { hasFreeObject, withBoundsInWords, withoutOtherFields } from '../json-schemas.ts';
import { unsupported } from '../refusal.ts';
import { takesSchemas } from './models.ts';

interface WrittenFormat {
  readonly fields: Pick<NonNullable<ConverseRequest['outputConfig']>, 'textFormat'>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** Throws `GatewayError` (400) if the model's answers cannot be held to it. */
export function writeFormat(format: HubRequest['wishes']['format'], model: string): WrittenFormat {
  if (format === null) return { fields: {}, dropped: [] };
  const { value, at } = format;
  if (value.type === 'json') throw unsupported(at, 'should be a schema for this provider');
  if (!takesSchemas(model)) {
    throw unsupported(at, 'should be a text for this model: its answers cannot be held to a schema');
  }
  if (hasFreeObject(value.schema)) {
    throw unsupported(
      at,
      'should name the fields of each object for this provider: it makes none with fields of any name',
    );
  }
  const { schema, loosened } = withBoundsInWords(withoutOtherFields(value.schema));
  const { name, description } = value;
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(name === null || name === '' ? {} : { name: name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME) }),
    ...(description === null ? {} : { description }),
  };
  return {
    fields: { textFormat: { type: 'json_schema', structure: { jsonSchema } } },
    dropped: loosened.map((bound) => `${at}.${bound}`),
  };
}

/** In characters. */
const LONGEST_NAME = 64;
