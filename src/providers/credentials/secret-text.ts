/** What every setting has that is a secret and goes into a header, a form or a signature as it is. */
export const secretText = {
  secret: true,
  pattern: /^[\x21-\x7e]+$/,
  expected: 'a text of visible ASCII characters without spaces',
} as const;
