import { expect } from 'chai';
import { describe, it } from 'mocha';
import { awsSettings } from '../../../../src/providers/credentials/aws/settings.ts';
import { entraSettings } from '../../../../src/providers/credentials/entra/settings.ts';
import { googleSettings } from '../../../../src/providers/credentials/google/settings.ts';
import type { Provider } from '../../../../src/providers/types.ts';

const groups: Readonly<Record<string, NonNullable<Provider['settings']>>> = {
  awsSettings,
  entraSettings,
  googleSettings,
};
const all = Object.values(groups).flatMap((group) => Object.entries(group));

describe('the settings for fetched credentials', () => {
  it('are all optional, and no key is in two groups', () => {
    expect(all.filter(([, { required }]) => required === true)).to.deep.equal([]);
    expect(new Set(all.map(([key]) => key)).size).to.equal(all.length);
  });

  it('hold as secrets what proves an identity, and nothing else', () => {
    const secrets = all.filter(([, { secret }]) => secret === true).map(([key]) => key);
    expect(secrets).to.deep.equal(['secret_access_key', 'session_token', 'client_secret', 'credentials']);
  });

  it('take values of the form that they have at their clouds', () => {
    const fits = (key: string, value: string) => Object.fromEntries(all)[key]?.pattern?.test(value);
    expect(fits('role_arn', 'arn:aws-us-gov:iam::123456789012:role/path/gateway')).to.equal(true);
    expect(fits('role_arn', 'gateway')).to.equal(false);
    expect(fits('access_key_id', 'ASIAIOSFODNN7EXAMPLE')).to.equal(true);
    expect(fits('secret_access_key', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')).to.equal(true);
    expect(fits('tenant_id', 'contoso.onmicrosoft.com')).to.equal(true);
    expect(fits('scope', 'https://ai.azure.com/.default')).to.equal(true);
    expect(fits('credentials', '{\n  "type": "service_account"\n}\n')).to.equal(true);
    expect(fits('credentials', '/etc/sa.json')).to.equal(false);
  });
});
