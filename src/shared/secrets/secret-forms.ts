/**
 * The forms in which others write a secret that they quote. JSON escapes any character as \u003d, PHP also / as \/, and
 * text inside text is escaped again; a URL has %2B, HTML has &#43;; `Basic` credentials are base64, in which a
 * secret has one of three forms, by its place.
 */

/** One form of a secret. */
export interface SecretForm {
  /** What `plainText` makes of it. */
  readonly plain: string;
  /** Matches it however its characters are escaped. Made when first needed. */
  readonly pattern: RegExp;
  /** Whether it is too long to be a word. */
  readonly isLong: boolean;
}

const LONG = 16;

const ESCAPES =
  /\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(["'/bfnrt]))|(\\)\\+|%([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/gi;
const ANY_ESCAPE = /[\\%&]/;
const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** A text without its escapes, to look for secrets in; the same text if it has none. */
export function plainText(text: string): string {
  if (!ANY_ESCAPE.test(text)) return text;
  return text.replace(
    ESCAPES,
    (all, ...[unicode, hex, letter, slash, url, entityHex, entityNumber, entity]: Groups) => {
      const code = unicode ?? hex ?? url ?? entityHex;
      if (code !== undefined) return characterOf(Number.parseInt(code, 16), all);
      if (entityNumber !== undefined) return characterOf(Number(entityNumber), all);
      if (letter !== undefined) return letters[letter] ?? letter;
      return slash ?? entities[entity?.toLowerCase() ?? ''] ?? all;
    },
  );
}

/** Backslashes in a row: a text that is escaped five times has 31. Without a bound, a long row takes quadratic time. */
const ESCAPED = '\\\\{1,32}';
const MAYBE_ESCAPED = '\\\\{0,32}';

type Groups = (string | undefined)[];

function characterOf(code: number, otherwise: string): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : otherwise;
}

/** The secret as it is, and as base64. */
export function formsOf(secret: string): SecretForm[] {
  const isLong = secret.length >= LONG;
  const encoded = [0, 1, 2].flatMap((shift) => {
    const standard = base64At(shift, secret);
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    new Form(secret, '', '', isLong),
    // The characters around hold the rest of its bits, together with those of what stands beside it.
    ...Array.from(new Set(encoded), (form) => new Form(form, '[\\w+/-]{0,3}', '[\\w+/-]{0,2}=*', isLong)),
  ];
}

/** The characters that a secret alone decides in base64, behind so many bytes more than a multiple of three. */
function base64At(shift: number, secret: string): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  return bytes.toString('base64').slice(Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

class Form implements SecretForm {
  readonly plain: string;
  readonly isLong: boolean;
  readonly #text: string;
  readonly #before: string;
  readonly #after: string;
  #pattern: RegExp | null = null;

  constructor(text: string, before: string, after: string, isLong: boolean) {
    this.plain = plainText(text);
    this.isLong = isLong;
    this.#text = text;
    this.#before = before;
    this.#after = after;
  }

  get pattern(): RegExp {
    this.#pattern ??= new RegExp(
      this.#before +
        Array.from({ length: this.#text.length }, (_, at) => writings(this.#text.charAt(at))).join('') +
        this.#after,
      'g',
    );
    return this.#pattern;
  }
}

/** A pattern for one UTF-16 unit, in every form that `plainText` reads. */
function writings(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  const letter = Object.keys(letters).find((key) => letters[key] === character);
  const entity = Object.keys(entities).find((key) => entities[key] === character);
  const forms = [
    plainWriting(character),
    `${ESCAPED}u${anyCase(hex.padStart(4, '0'))}`,
    `&#0{0,8}${code};`,
    `&#[xX]0{0,8}${anyCase(hex)};`,
  ];
  if (code < 0x100) forms.push(`${ESCAPED}x${anyCase(hex.padStart(2, '0'))}`, `%${anyCase(hex.padStart(2, '0'))}`);
  if (letter !== undefined) forms.push(`${ESCAPED}${letter}`);
  if (entity !== undefined) forms.push(`&${entity};`);
  return `(?:${forms.join('|')})`;
}

function plainWriting(character: string): string {
  if (character === '\\') return ESCAPED;
  if (/["'/]/.test(character)) return `${MAYBE_ESCAPED}${character}`;
  return /[\w-]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
