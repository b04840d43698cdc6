/** How an input is damaged: bytes at any place, values anywhere in JSON, and where a stream of bytes is cut into chunks. */
import fc from 'fast-check';

/** A place in something whose length is not known yet. */
const place = fc.noBias(fc.nat(1_000_000));

interface Edit {
  readonly kind: 'set' | 'insert' | 'remove' | 'repeat';
  readonly at: number;
  readonly length: number;
  readonly bytes: Buffer;
}

/** Bytes with up to three edits; many have none. `words`: what is inserted, beside single bytes. */
export function mutated(original: fc.Arbitrary<Buffer>, words: readonly string[]): fc.Arbitrary<Buffer> {
  const byte = fc.integer({ min: 0, max: 255 }).map((value) => Buffer.from([value]));
  const edit = fc.record<Edit>({
    kind: fc.constantFrom('set', 'insert', 'remove', 'repeat'),
    at: place,
    length: fc.integer({ min: 1, max: 12 }),
    bytes: fc.oneof(
      byte,
      fc.constantFrom(...words).map((word) => Buffer.from(word)),
    ),
  });
  const edits = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(edit, { maxLength: 3 }) },
  );
  return fc.tuple(original, edits).map(([bytes, list]) => list.reduce(applied, bytes));
}

function applied(bytes: Buffer, { kind, at, length, bytes: added }: Edit): Buffer {
  const from = at % (bytes.length + 1);
  const [before, piece] = [bytes.subarray(0, from), bytes.subarray(from, from + length)];
  const after = bytes.subarray(from + (kind === 'set' ? added.length : piece.length));
  switch (kind) {
    case 'set':
      return Buffer.concat([before, added, after]);
    case 'insert':
      return Buffer.concat([before, added, piece, after]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, piece, piece, after]);
    default:
      return kind satisfies never;
  }
}

/** Sizes of chunks, used again and again; none: everything in one piece. */
export const sizes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant<number[]>([]),
  fc.constant<number[]>([1]),
  fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
);

/** The same bytes in chunks of these sizes. */
export function chunksOf(bytes: Buffer, chunkSizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0, index = 0; from < bytes.length; index += 1) {
    const size = chunkSizes[index % chunkSizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(from, from + size));
    from += size;
  }
  return chunks;
}

/** A value in JSON that is another, or missing. */
export interface Damage {
  readonly at: number;
  /** Undefined: removed. */
  readonly value: unknown;
}

/** Stands for a number that JSON can write and no double can hold. */
const HUGE = 'a huge number';

/** Stands for one that no double holds with all its digits. */
const LONG = 'a long number';

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, -0.5, 1e308, 2 ** 53, -(2 ** 53), HUGE, LONG, undefined),
  fc.constantFrom<unknown>('', 'x', '__proto__', 'constructor', 'toString', '../canary', '/etc/passwd', 'a\n{b="c"} 1'),
  fc.constantFrom<unknown>([], {}, [null], [[]], [{}], { length: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

export const damages: fc.Arbitrary<Damage[]> = fc.array(fc.record({ at: place, value: odd }), {
  minLength: 1,
  maxLength: 3,
});

/** The JSON of `value` with these damages, each at one of all places, names of fields excluded. */
export function damagedJson(value: unknown, list: readonly Damage[]): string {
  const holder: unknown[] = [JSON.parse(JSON.stringify(value))];
  for (const { at, value: other } of list) {
    const slots = slotsIn(holder);
    const [container, key] = slots[at % slots.length] ?? [holder, '0'];
    if (other === undefined) Reflect.deleteProperty(container, key);
    // A copy: the same array twice could contain itself.
    else Reflect.set(container, key, structuredClone(other));
  }
  return (JSON.stringify(holder[0]) ?? '')
    .replaceAll(`"${HUGE}"`, '1e999')
    .replaceAll(`"${LONG}"`, '-12345678901234567890');
}

/** Each value in it, as its container and its name there. */
function slotsIn(container: object): [container: object, key: string][] {
  return Object.entries(container).flatMap(([key, value]) => {
    const own: [object, string] = [container, key];
    return typeof value === 'object' && value !== null ? [own, ...slotsIn(value)] : [own];
  });
}
