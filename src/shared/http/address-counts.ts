/**
 * Counts connections by client address, in a fixed table: addresses come and go with every connection, so a `Map` of
 * them would be rebuilt all the time. Two addresses may share a place (one in 65,536); then they share its count.
 *
 * An IPv6 client usually has a whole /64, so that is what is counted.
 */
import { randomInt } from 'node:crypto';

const PLACES = 2 ** 16;

export class AddressCounts {
  readonly #counts = new Uint32Array(PLACES);
  /** So that nobody can know which addresses share a place. */
  readonly #seed = randomInt(2 ** 32);

  /** The place of an address, for the other methods. */
  placeOf(address: string): number {
    let hash = this.#seed;
    for (const character of networkOf(address)) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }

  /** Adds a connection and returns how many there are at that place. */
  add(place: number): number {
    const count = (this.#counts[place] ?? 0) + 1;
    this.#counts[place] = count;
    return count;
  }

  remove(place: number): void {
    this.#counts[place] = Math.max(0, (this.#counts[place] ?? 0) - 1);
  }
}

/** The address whose connections count together: IPv4 as it is, also inside IPv6, else the first 64 bits. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array.from({ length: zeros }, () => '0'), ...last].slice(0, 4).join(':');
}
