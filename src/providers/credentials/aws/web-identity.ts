/** A role for the token of another identity provider, which lies in a file and is renewed there. */
import { contentsOf, type Fetched, type FetchTools, type Place } from '../fetching.ts';
import { assumeByWebIdentity, type Role } from './security-token-service.ts';

/** By the variables, as Kubernetes (EKS) and others set them. */
export const webIdentity: Place = async ({ region = '' }, tools) => {
  const [arn, file] = [tools.variable('AWS_ROLE_ARN'), tools.variable('AWS_WEB_IDENTITY_TOKEN_FILE')];
  if (arn === null || file === null) return null;
  const role = { arn, sessionName: tools.variable('AWS_ROLE_SESSION_NAME'), region, externalId: null };
  return byTokenFile(role, file, tools);
};

/** The key of a role. @param file with the token; read each time, since it is renewed often */
export async function byTokenFile(role: Role, file: string, tools: FetchTools): Promise<Fetched> {
  return assumeByWebIdentity(role, await contentsOf(file, tools), tools);
}
