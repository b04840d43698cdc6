/** Access keys that the host itself has: of its container (ECS, EKS), or of its instance (IMDSv2). */
import { CredentialsError, contentsOf, type FetchTools, type Place, type Question } from '../fetching.ts';
import { keyOfMetadata } from './access-key.ts';

const CONTAINER_HOST = 'http://169.254.170.2';
const INSTANCE_HOST = 'http://169.254.169.254';
/** How long the token may be used with which an instance asks for its key. */
const TOKEN_SECONDS = '60';

/** Hosts that may be asked without TLS: those of AWS on the host's own network, and this host. */
const nearHosts: ReadonlySet<string> = new Set([
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
  'localhost',
  '127.0.0.1',
  '[::1]',
]);

/** The key of the container's role (ECS, EKS), from the address that its variables name. */
export const containerKey: Place = async (_settings, tools) => {
  const { variable } = tools;
  const [path, full] = [
    variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'),
    variable('AWS_CONTAINER_CREDENTIALS_FULL_URI'),
  ];
  const url = path === null ? full : CONTAINER_HOST + path;
  if (url === null) return null;
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol !== 'https:' && !nearHosts.has(hostname)) {
    throw new CredentialsError('AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this host');
  }
  const authorization = await containerToken(tools);
  const headers = authorization === null ? {} : { authorization };
  const answer = await tools.ask({ method: 'GET', url, headers, near: true });
  return keyOfMetadata(answer, "the container's credentials", tools);
};

async function containerToken(tools: FetchTools): Promise<string | null> {
  const { variable } = tools;
  const path = variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  if (path === null) return variable('AWS_CONTAINER_AUTHORIZATION_TOKEN');
  return contentsOf(path, tools);
}

/** The key of the instance's role (IMDSv2). Null only where its service is turned off: it is the last place of all. */
export const instanceKey: Place = async (_settings, tools) => {
  const { variable, ask } = tools;
  if (variable('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') return null;
  const host = (variable('AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? INSTANCE_HOST).replace(/\/+$/, '');
  const from = "the instance's metadata service";
  const succeed = async (question: Pick<Question, 'method' | 'url' | 'headers'>) => {
    const answer = await ask({ ...question, near: true });
    if (answer.status !== 200) throw new CredentialsError(`${from} answers ${answer.status} to ${question.url}`);
    return answer;
  };
  const lifetime = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS };
  const token = await succeed({ method: 'PUT', url: `${host}/latest/api/token`, headers: lifetime });
  const headers = { 'x-aws-ec2-metadata-token': token.body };
  const roles = `${host}/latest/meta-data/iam/security-credentials/`;
  const role = (await succeed({ method: 'GET', url: roles, headers })).body.trim();
  const answer = await succeed({ method: 'GET', url: roles + encodeURIComponent(role), headers });
  return keyOfMetadata(answer, from, tools);
};
