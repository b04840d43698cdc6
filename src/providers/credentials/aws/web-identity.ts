/** A role for the token of another identity provider, which lies in a file and is renewed there. */
import { CredentialsError, type Fetched, type FetchTools, type Place } from '../fetching.ts';
import { assumeByWebIdentity, type Role } from './security-token-service.ts';

/** As Kubernetes (EKS) and others set the variables. */
export const webIdentity: Place = async ({ region = '' }, tools) => {
  const [arn, file] = [tools.variable('AWS_ROLE_ARN'), tools.variable('AWS_WEB_IDENTITY_TOKEN_FILE')];
  if (arn === null || file === null) return null;
  const role = { arn, sessionName: tools.variable('AWS_ROLE_SESSION_NAME'), region, externalId: null };
  return byTokenFile(role, file, tools);
};

/** @param file read each time: its token is renewed often */
export async function byTokenFile(role: Role, file: string, tools: FetchTools): Promise<Fetched> {
  const token = await tools.readFile(file);
  if (token === null) throw new CredentialsError(`there is no file ${file}`);
  return assumeByWebIdentity(role, token.trim(), tools);
}
