/**
 * Access keys of a profile: its own, or those of a role that it names. Not taken: `credential_process` (the gateway runs no
 * programs) and SSO, whose logins end.
 */
import { CredentialsError, type Fetched, type FetchTools } from '../fetching.ts';
import { lastingKey } from './access-key.ts';
import { containerKey, instanceKey } from './metadata.ts';
import { assumeByKey, type Role } from './security-token-service.ts';
import { profileNamed } from './shared-files.ts';
import { keyOfVariables } from './variables.ts';
import { byTokenFile } from './web-identity.ts';

/** Roles that lead to roles, at most. */
const MOST_ROLES = 5;

/**
 * @param region of the provider: roles are asked for there
 * @returns null if there is no such profile, or nothing of credentials in it
 */
export async function keyOfProfile(
  name: string,
  region: string,
  tools: FetchTools,
  depth = 0,
): Promise<Fetched | null> {
  const profile = await profileNamed(name, tools);
  if (profile === null) return null;
  if (depth > MOST_ROLES) throw new CredentialsError(`profile ${name} leads to itself`);
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token = null } = profile;
  const own = id !== undefined && secret !== undefined ? lastingKey(id, secret, token) : null;
  const { role_arn: arn, web_identity_token_file: file, source_profile: source, credential_source: place } = profile;
  if (arn === undefined) {
    if (own !== null) return own;
    const untaken = ['credential_process', 'sso_session', 'sso_start_url'].find((key) => profile[key] !== undefined);
    if (untaken === undefined) return null;
    throw new CredentialsError(
      `profile ${name} has ${untaken}, which is not taken: give a key, a role or web identity`,
    );
  }
  const role: Role = {
    arn,
    sessionName: profile.role_session_name ?? null,
    region,
    externalId: profile.external_id ?? null,
  };
  if (file !== undefined) return byTokenFile(role, file, tools);
  const base =
    source === undefined
      ? await ofPlace(place, tools)
      : source === name
        ? own
        : await keyOfProfile(source, region, tools, depth + 1);
  if (base === null) throw new CredentialsError(`profile ${name} has a role, but no credentials to assume it`);
  return assumeByKey(role, base, tools);
}

/** Where `credential_source` says that they are. */
async function ofPlace(place: string | undefined, tools: FetchTools): Promise<Fetched | null> {
  switch (place) {
    case 'Environment':
      return keyOfVariables({}, tools);
    case 'EcsContainer':
      return containerKey({}, tools);
    case 'Ec2InstanceMetadata':
      return instanceKey({}, tools);
    default:
      return null;
  }
}
