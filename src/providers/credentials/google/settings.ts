/** What a provider's block may say of an identity at Google. */

/** To be spread into the `settings` of a provider that takes Google's tokens. */
export const googleSettings = {
  credentials: {
    description:
      'The JSON of a service account or of a login of gcloud, usually read from a file with `file:`. Default, and what `adc` says: as the SDKs of Google find one (`GOOGLE_APPLICATION_CREDENTIALS`, the file of gcloud, the metadata server).',
    secret: true,
    pattern: /^\s*\{[\s\S]*\}\s*$/,
    expected: 'the JSON of a service account, or adc',
    defaultWord: 'adc',
  },
  credentials_file: { description: 'A file with that JSON instead, read anew at each refresh.', file: true },
} as const;
