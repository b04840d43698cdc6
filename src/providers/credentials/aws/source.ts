/**
 * Access keys of AWS, from the first place that has one: the provider's settings, the usual variables, a profile, a web
 * identity, the container, the instance. With a role in the settings, that role's instead, assumed with what was found.
 */
import { CredentialsError, type Fetched, type FetchTools, type Source } from '../fetching.ts';
import { lastingKey } from './access-key.ts';
import { containerKey, instanceKey } from './metadata.ts';
import { keyOfProfile } from './profile.ts';
import { assumeByKey } from './security-token-service.ts';
import { keyOfVariables } from './variables.ts';
import { byTokenFile, webIdentity } from './web-identity.ts';

/** An access key that signs for a provider's requests. Values: see `access-key.ts`. */
export const accessKey: Source = async (settings, tools) => {
  const { role_arn: arn, web_identity_token_file: file, external_id: externalId = null, region = '' } = settings;
  if (arn === undefined) return foundKey(settings, tools);
  const role = { arn, sessionName: tools.variable('AWS_ROLE_SESSION_NAME'), region, externalId };
  if (file !== undefined) return byTokenFile(role, file, tools);
  return assumeByKey(role, await foundKey(settings, tools), tools);
};

async function foundKey(settings: Readonly<Record<string, string>>, tools: FetchTools): Promise<Fetched> {
  const { access_key_id: id, secret_access_key: secret, session_token: token = null } = settings;
  if (id !== undefined && secret !== undefined) return lastingKey(id, secret, token);
  if (settings.profile !== undefined) return ofNamed(settings.profile, settings, tools);
  for (const place of [keyOfVariables, ofDefault, webIdentity, containerKey]) {
    const found = await place(settings, tools);
    if (found !== null) return found;
  }
  return ofInstance(settings, tools);
}

/** The last place: what is wrong there is said together with what was looked at before. */
async function ofInstance(settings: Readonly<Record<string, string>>, tools: FetchTools): Promise<Fetched> {
  const elsewhere = 'there is no access key of AWS in settings, variables, profile, web identity or container';
  const found = await instanceKey(settings, tools).catch((error: unknown) => {
    throw error instanceof CredentialsError ? new CredentialsError(`${elsewhere}, and ${error.message}`) : error;
  });
  if (found === null) throw new CredentialsError(elsewhere);
  return found;
}

/** The profile of the variable, which must be there, else the default one, which need not. */
function ofDefault(settings: Readonly<Record<string, string>>, tools: FetchTools): Promise<Fetched | null> {
  const named = tools.variable('AWS_PROFILE');
  return named === null ? keyOfProfile('default', settings.region ?? '', tools) : ofNamed(named, settings, tools);
}

async function ofNamed(name: string, { region = '' }: Readonly<Record<string, string>>, tools: FetchTools) {
  const found = await keyOfProfile(name, region, tools);
  if (found === null) throw new CredentialsError(`there is no profile ${name} with credentials`);
  return found;
}
