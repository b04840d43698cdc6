import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { accessKey } from '../../../../../src/providers/credentials/aws/source.ts';
import { fetchTools, reasonOf } from '../../../../helpers/fetch-tools.ts';
import { TokenEndpoints } from '../../../../helpers/token-endpoints.ts';

const region = 'eu-central-1';
const role = 'arn:aws:iam::123456789012:role/gateway';
const keyVariables = { AWS_ACCESS_KEY_ID: 'AKIDVARIABLE', AWS_SECRET_ACCESS_KEY: 'secret-of-variable' };

describe('access keys of AWS', () => {
  let endpoints: TokenEndpoints;

  beforeEach(async () => {
    endpoints = await TokenEndpoints.start();
  });

  afterEach(() => endpoints.stop());

  /** Fetches with the endpoints of the test, from this world. */
  function fetched(
    settings: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string>> = {},
  ) {
    const own = { AWS_ENDPOINT_URL_STS: endpoints.origin, AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoints.origin };
    return accessKey({ region, ...settings }, fetchTools({ variables: { HOME: '/h', ...own, ...variables }, files }));
  }

  it('are those of the settings, and else those of the variables', async () => {
    const settings = { access_key_id: 'AKIDSETTING', secret_access_key: 's' };
    expect(await fetched(settings, keyVariables)).to.deep.equal({
      values: { accessKeyId: 'AKIDSETTING', secretAccessKey: 's' },
      expiresAtMs: null,
    });
    const { values } = await fetched({}, { ...keyVariables, AWS_SESSION_TOKEN: 't' });
    expect(values).to.deep.equal({
      accessKeyId: 'AKIDVARIABLE',
      secretAccessKey: 'secret-of-variable',
      sessionToken: 't',
    });
    expect(endpoints.asked).to.deep.equal([]);
  });

  it('are those of a profile, of which the file of credentials goes before the other', async () => {
    const files = {
      '/h/.aws/config': '[default]\naws_access_key_id = AKIDCONFIG\n[profile other]\naws_access_key_id=AKIDOTHER\n',
      '/h/.aws/credentials':
        '# mine\n[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = f\n[other]\naws_secret_access_key=o',
    };
    expect((await fetched({}, {}, files)).values.accessKeyId).to.equal('AKIDFILE');
    expect((await fetched({}, { AWS_PROFILE: 'other' }, files)).values.accessKeyId).to.equal('AKIDOTHER');
    expect((await fetched({ profile: 'other' }, keyVariables, files)).values.accessKeyId).to.equal('AKIDOTHER');
    expect(await reasonOf(fetched({ profile: 'third' }, {}, files))).to.equal(
      'there is no profile third with credentials',
    );
  });

  it('are those of a role that a profile names, by the key of another', async () => {
    const files = {
      '/h/.aws/config': `[profile a]\nrole_arn = ${role}\nsource_profile = b\nexternal_id = x\nrole_session_name = n\n`,
      '/h/.aws/credentials': '[b]\naws_access_key_id = AKIDB\naws_secret_access_key = b\n',
    };
    const { values, expiresAtMs } = await fetched({ profile: 'a' }, {}, files);
    expect(values).to.deep.equal({
      accessKeyId: 'AKIDFETCHED1',
      secretAccessKey: 'secret-key-1',
      sessionToken: 'session-token-1',
    });
    expect(expiresAtMs).to.be.closeTo(Date.now() + 3_600_000, 5_000);
    const [{ form, headers } = { form: {}, headers: {} }] = endpoints.asked;
    expect(form).to.include({ Action: 'AssumeRole', RoleArn: role, RoleSessionName: 'n', ExternalId: 'x' });
    expect(headers.authorization).to.match(
      /^AWS4-HMAC-SHA256 Credential=AKIDB\/\d{8}\/eu-central-1\/sts\/aws4_request, /,
    );
  });

  it('are not those of a program, of a login, or of a profile that leads to itself', async () => {
    const config = (text: string) => ({ '/h/.aws/config': `[profile a]\n${text}\n` });
    expect(await reasonOf(fetched({ profile: 'a' }, {}, config('credential_process = /bin/x')))).to.contain(
      'has credential_process, which is not taken',
    );
    expect(await reasonOf(fetched({ profile: 'a' }, {}, config('sso_session = s')))).to.contain('has sso_session');
    const loop = `role_arn = ${role}\nsource_profile = b\n[profile b]\nrole_arn = ${role}\nsource_profile = a`;
    expect(await reasonOf(fetched({ profile: 'a' }, {}, config(loop)))).to.contain('leads to itself');
  });

  it('are those of a web identity, whose file is read each time', async () => {
    const files: Record<string, string> = { '/token': 'jwt-1\n' };
    const variables = { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' };
    await fetched({}, variables, files);
    files['/token'] = 'jwt-2';
    await fetched({ role_arn: role, web_identity_token_file: '/token' }, {}, files);
    expect(endpoints.asked.map(({ form }) => [form.Action, form.WebIdentityToken])).to.deep.equal([
      ['AssumeRoleWithWebIdentity', 'jwt-1'],
      ['AssumeRoleWithWebIdentity', 'jwt-2'],
    ]);
    expect(await reasonOf(fetched({}, { ...variables, AWS_WEB_IDENTITY_TOKEN_FILE: '/none' }))).to.equal(
      'there is no file at /none',
    );
    const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjAxMjM0NTY3ODkifQ.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl';
    expect(await reasonOf(fetched({}, { ...variables, AWS_WEB_IDENTITY_TOKEN_FILE: token }))).to.equal(
      'there is no file at what stands there, which is not shown: it may be a key',
    );
  });

  it('are those of the container, with its token', async () => {
    const variables = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoints.origin}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/pod-token',
    };
    const { values } = await fetched({}, variables, { '/pod-token': 'pod\n' });
    expect(values.sessionToken).to.equal('session-token-1');
    expect(endpoints.asked[0]?.headers.authorization).to.equal('pod');
    const elsewhere = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://10.0.0.1/container' };
    expect(await reasonOf(fetched({}, elsewhere))).to.contain('neither https nor an address of this host');
  });

  it('are those of the instance, by a token of its metadata service', async () => {
    const { values } = await fetched({});
    expect(values.accessKeyId).to.equal('AKIDFETCHED3');
    expect(
      endpoints.asked.map(({ method, path, headers }) => [method, path, headers['x-aws-ec2-metadata-token']]),
    ).to.deep.equal([
      ['PUT', '/latest/api/token', undefined],
      ['GET', '/latest/meta-data/iam/security-credentials/', 'instance-token'],
      ['GET', '/latest/meta-data/iam/security-credentials/a-role', 'instance-token'],
    ]);
  });

  it('are said to be nowhere if they are, with what is wrong at the last place', async () => {
    expect(await reasonOf(fetched({}, { AWS_EC2_METADATA_DISABLED: 'true' }))).to.match(
      /^there is no access key of AWS in /,
    );
    endpoints.stop();
    expect(await reasonOf(fetched({}))).to.match(
      /, and http:\/\/127\.0\.0\.1:\d+\/latest\/api\/token does not answer \(ECONNREFUSED\)$/,
    );
  });

  it('are those of a role that the settings name, by the key that is found', async () => {
    const { values } = await fetched({ role_arn: role, external_id: 'e' }, keyVariables);
    expect(values.accessKeyId).to.equal('AKIDFETCHED1');
    expect(endpoints.asked[0]?.form.ExternalId).to.equal('e');
  });

  it('end by the clock of this host, whatever that of AWS says', async () => {
    endpoints.aheadMs = 7_200_000;
    const { expiresAtMs } = await fetched({ role_arn: role }, keyVariables);
    expect(expiresAtMs).to.be.closeTo(Date.now() + 3_600_000, 5_000);
  });

  it('are refused in the words of AWS, without secrets', async () => {
    const body = '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>';
    endpoints.failure = { status: 403, body };
    expect(await reasonOf(fetched({ role_arn: role }, keyVariables))).to.equal(
      `${endpoints.origin}/ answers 403 AccessDenied: not you`,
    );
  });
});
