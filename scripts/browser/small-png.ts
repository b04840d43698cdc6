/**
 * Writes a browser's PNG anew, with fewer bytes: without its rows' filters, which do not pay for flat areas, and with 256
 * colours; every other pixel gets the nearest of them, which no eye sees in a page's text.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_BYTES = 8;
const MOST_COLOURS = 256;
/** Of these; the others are for what is rare, but would be seen to be missing. */
const FREQUENT = 96;

/** @param png 8 bits a channel, RGB or RGBA, not interlaced, as browsers write it */
export function smallPng(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(0);
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data)));
  const pixels = unfiltered(data, width, height, channels);
  const colours = palette(pixels, channels);
  const nearest = new Map(colours.map((colour, index) => [colour, index]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < width * height; at += 1) {
    const colour = pixels.readUIntBE(at * channels, 3);
    const index = nearest.get(colour) ?? nearestOf(colour, colours);
    nearest.set(colour, index);
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = index;
  }
  const table = Buffer.concat(colours.map((colour) => Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255])));
  const newHeader = Buffer.from(header);
  newHeader[9] = 3;
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    chunk('IHDR', newHeader),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks = [];
  for (let at = SIGNATURE_BYTES; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Undoes the filter of each row, by the rules of the format. */
function unfiltered(data: Buffer, width: number, height: number, channels: number): Buffer {
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)] ?? 0;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column < channels ? 0 : (pixels[at - channels] ?? 0);
      const above = row === 0 ? 0 : (pixels[at - stride] ?? 0);
      const corner = row === 0 || column < channels ? 0 : (pixels[at - stride - channels] ?? 0);
      const guesses = [0, left, above, (left + above) >> 1, paeth(left, above, corner)];
      pixels[at] = (data[row * (stride + 1) + 1 + column] ?? 0) + (guesses[filter] ?? 0);
    }
  }
  return pixels;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The most frequent ones first, then those that the ones before would miss most. */
function palette(pixels: Buffer, channels: number): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const colours = sorted.slice(0, FREQUENT).map(([colour]) => colour);
  const left = sorted.slice(FREQUENT).map(([colour, count]) => {
    return { colour, count, miss: distance(colour, colours[nearestOf(colour, colours)] ?? 0) };
  });
  while (colours.length < MOST_COLOURS && left.length > 0) {
    const worst = left.reduce((one, other) => (other.miss * other.count > one.miss * one.count ? other : one));
    colours.push(worst.colour);
    for (const each of left) each.miss = Math.min(each.miss, distance(each.colour, worst.colour));
  }
  return colours;
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
}

function nearestOf(colour: number, colours: readonly number[]): number {
  let best = 0;
  for (const [index, other] of colours.entries()) {
    if (distance(colour, other) < distance(colour, colours[best] ?? 0)) best = index;
  }
  return best;
}
