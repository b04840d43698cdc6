import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { entraToken } from '../../../../../src/providers/credentials/entra/source.ts';
import { fetchTools, reasonOf } from '../../../../helpers/fetch-tools.ts';
import { TokenEndpoints } from '../../../../helpers/token-endpoints.ts';

const scope = 'https://cognitiveservices.azure.com/.default';

describe('tokens of Entra', () => {
  let endpoints: TokenEndpoints;

  beforeEach(async () => {
    endpoints = await TokenEndpoints.start();
  });

  afterEach(() => endpoints.stop());

  function fetched(
    settings: Readonly<Record<string, string>>,
    variables: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string>> = {},
  ) {
    const own = { AZURE_AUTHORITY_HOST: endpoints.origin, AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoints.origin };
    return entraToken(settings, fetchTools({ variables: { ...own, ...variables }, files }));
  }

  it('are those of an application, by its secret', async () => {
    const settings = { tenant_id: 't', client_id: 'c', client_secret: 's', scope: 'https://ai.azure.com/.default' };
    const { values, expiresAtMs } = await fetched(settings);
    expect(values).to.deep.equal({ token: 'bearer-token-1' });
    expect(expiresAtMs).to.be.closeTo(Date.now() + 3_600_000, 5_000);
    await fetched({}, { AZURE_TENANT_ID: 'vt', AZURE_CLIENT_ID: 'vc', AZURE_CLIENT_SECRET: 'vs' });
    const common = { grant_type: 'client_credentials' };
    expect(endpoints.asked.map(({ path, form }) => [path, form])).to.deep.equal([
      ['/t/oauth2/v2.0/token', { ...common, client_id: 'c', client_secret: 's', scope: settings.scope }],
      ['/vt/oauth2/v2.0/token', { ...common, client_id: 'vc', client_secret: 'vs', scope }],
    ]);
  });

  it('are those of an application, by the token of another identity provider, which is read each time', async () => {
    const variables = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/jwt' };
    const files: Record<string, string> = { '/jwt': 'one' };
    await fetched({}, variables, files);
    files['/jwt'] = 'two\n';
    await fetched({ federated_token_file: '/jwt' }, { ...variables, AZURE_CLIENT_SECRET: 'other' }, files);
    expect(endpoints.asked.map(({ form }) => form.client_assertion)).to.deep.equal(['one', 'two']);
    expect(endpoints.asked[0]?.form.client_assertion_type).to.equal(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    );
    expect(await reasonOf(fetched({}, variables))).to.equal('there is no file at /jwt');
  });

  it('are those of a managed identity, of the service or of the machine', async () => {
    const service = { IDENTITY_ENDPOINT: `${endpoints.origin}/msi`, IDENTITY_HEADER: 'h' };
    const { values, expiresAtMs } = await fetched({ client_id: 'user' }, service);
    expect(values).to.deep.equal({ token: 'managed-token-1' });
    expect(expiresAtMs).to.be.closeTo(Date.now() + 3_600_000, 5_000);
    await fetched({});
    const [ofService, ofMachine] = endpoints.asked;
    expect(ofService?.headers['x-identity-header']).to.equal('h');
    const query = (path = '') => Object.fromEntries(new URL(path, endpoints.origin).searchParams);
    const resource = 'https://cognitiveservices.azure.com';
    expect(query(ofService?.path)).to.deep.equal({ 'api-version': '2019-08-01', resource, client_id: 'user' });
    expect(ofMachine?.headers.metadata).to.equal('true');
    expect(query(ofMachine?.path)).to.deep.equal({ 'api-version': '2018-02-01', resource });
  });

  it('say what is missing, and what Entra says', async () => {
    expect(await reasonOf(fetched({ client_secret: 's' }))).to.equal(
      'an application of Entra needs tenant_id and client_id',
    );
    endpoints.failure = { status: 401, body: '{"error":"invalid_client","error_description":"AADSTS7000215: no"}' };
    const settings = { tenant_id: 't', client_id: 'c', client_secret: 'hidden' };
    expect(await reasonOf(fetched(settings))).to.match(/answers 401 invalid_client: AADSTS7000215: no$/);
  });
});
