/** What a provider's block may say of access keys of AWS. All of it is optional: without any, the usual places are looked at. */
import { secretText } from '../secret-text.ts';

/** To be spread into the `settings` of a provider that signs requests. It also needs a setting `region`. */
export const awsSettings = {
  access_key_id: {
    description:
      'The id of an access key of AWS. Default: as the SDKs of AWS find one (variables, profile, web identity, container, instance).',
    pattern: /^\w{16,128}$/,
    expected: 'the id of an access key, such as AKIAIOSFODNN7EXAMPLE',
    needs: 'secret_access_key',
  },
  secret_access_key: { description: 'The secret of that access key.', needs: 'access_key_id', ...secretText },
  session_token: { description: 'The session token, if the access key is a temporary one.', ...secretText },
  profile: { description: 'A profile of the shared files of AWS. Default: `AWS_PROFILE`, else `default`.' },
  role_arn: {
    description:
      'A role to assume with the credentials that are found, or with the web identity that `web_identity_token_file` holds.',
    pattern: /^arn:[\w-]+:iam::\d{12}:role\/.+$/,
    expected: 'the ARN of a role, such as arn:aws:iam::123456789012:role/gateway',
  },
  external_id: { description: 'The external id that the role asks for.', needs: 'role_arn' },
  web_identity_token_file: {
    description: 'A file with a token of another identity provider, read anew at each refresh.',
    needs: 'role_arn',
    file: true,
  },
} as const;
