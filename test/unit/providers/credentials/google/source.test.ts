import { createVerify, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { googleToken } from '../../../../../src/providers/credentials/google/source.ts';
import { fetchTools, reasonOf } from '../../../../helpers/fetch-tools.ts';
import { TokenEndpoints } from '../../../../helpers/token-endpoints.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  type: 'service_account',
  client_email: 'gateway@p.iam.gserviceaccount.com',
  private_key_id: 'key-1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
};
const scope = 'https://www.googleapis.com/auth/cloud-platform';

describe('tokens of Google', () => {
  let endpoints: TokenEndpoints;

  beforeEach(async () => {
    endpoints = await TokenEndpoints.start();
  });

  afterEach(() => endpoints.stop());

  const login = () => ({
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'secret',
    refresh_token: 'refresh',
    token_uri: `${endpoints.origin}/token`,
  });

  it('are signed by a service account itself, for an hour, without any network', async () => {
    const { values, expiresAtMs } = await googleToken({ credentials: JSON.stringify(account) }, fetchTools({}));
    const [head = '', claims = '', signature = ''] = (values.token ?? '').split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).to.deep.equal({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    const { iat, exp, ...said } = read(claims);
    expect(said).to.deep.equal({ iss: account.client_email, sub: account.client_email, scope });
    expect(exp - iat).to.equal(3600);
    expect(expiresAtMs).to.equal(exp * 1000);
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    expect(verify.verify(publicKey, signature, 'base64url')).to.equal(true);
    expect(endpoints.asked).to.deep.equal([]);
  });

  it('are found as Google finds them: a variable, the login of gcloud, the metadata server', async () => {
    const GCE_METADATA_HOST = endpoints.origin.replace('http://', '');
    const files = {
      '/sa.json': JSON.stringify(account),
      '/h/.config/gcloud/application_default_credentials.json': JSON.stringify(login()),
    };
    const named = fetchTools({ variables: { HOME: '/h', GOOGLE_APPLICATION_CREDENTIALS: '/sa.json' }, files });
    expect((await googleToken({}, named)).values.token).to.match(/^ey/);
    const atHome = fetchTools({ variables: { HOME: '/h', GCE_METADATA_HOST }, files });
    expect((await googleToken({}, atHome)).values.token).to.equal('bearer-token-1');
    expect(endpoints.asked[0]?.form).to.deep.equal({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'secret',
      refresh_token: 'refresh',
    });
    const onInstance = fetchTools({ variables: { HOME: '/none', GCE_METADATA_HOST } });
    const { values, expiresAtMs } = await googleToken({}, onInstance);
    expect(values.token).to.equal('bearer-token-2');
    expect(expiresAtMs).to.be.closeTo(Date.now() + 3_600_000, 5_000);
    const [, asked] = endpoints.asked;
    expect(asked?.path).to.match(/^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token/);
    expect(asked?.headers['metadata-flavor']).to.equal('Google');
  });

  it('are those of a file that the settings name, read each time', async () => {
    const files: Record<string, string> = { '/g.json': JSON.stringify(login()) };
    const tools = fetchTools({ files });
    expect((await googleToken({ credentials_file: '/g.json' }, tools)).values.token).to.equal('bearer-token-1');
    files['/g.json'] = JSON.stringify(account);
    expect((await googleToken({ credentials_file: '/g.json' }, tools)).values.token).to.match(/^ey/);
  });

  it('say what is wrong, and quote no key', async () => {
    const text = (credentials: string) => reasonOf(googleToken({ credentials }, fetchTools({})));
    expect(await text('{"type":"external_account"}')).to.contain('is of type external_account: only');
    expect(await text('{}x')).to.equal('the setting `credentials` is no JSON');
    expect(await text(JSON.stringify({ ...account, private_key: 'hidden' }))).to.equal(
      'the private_key of the service account is no key',
    );
    expect(await text(JSON.stringify({ ...account, client_email: undefined }))).to.equal(
      'the JSON of the service account has no client_email',
    );
    expect(await reasonOf(googleToken({ credentials_file: '/none' }, fetchTools({})))).to.equal(
      'there is no file at /none',
    );
    endpoints.failure = {
      status: 400,
      body: '{"error":"invalid_grant","error_description":"Token has been\\nrevoked."}',
    };
    expect(await text(JSON.stringify(login()))).to.equal(
      `${endpoints.origin}/token answers 400 invalid_grant: Token has been revoked.`,
    );
    endpoints.failure = { status: 200, body: '{"access_token":"t"}' };
    expect(await text(JSON.stringify(login()))).to.contain('does not say when its token ends');
  });
});
