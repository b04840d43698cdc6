/** The Security Token Service of AWS: access keys of a role, for a web identity or for another access key. */
import { type Answer, CredentialsError, type Fetched, type FetchTools, refused } from '../fetching.ts';
import { endOf } from './access-key.ts';
import { headersToSign, type SigningKey, sha256, signV4 } from './sign-v4.ts';

/** A role, and by what name its use is to be seen in the logs of AWS. */
export interface Role {
  readonly arn: string;
  /** Default: `headgate`. */
  readonly sessionName: string | null;
  /** Of the service that is asked. */
  readonly region: string;
  /** Only for an access key; null for none. */
  readonly externalId: string | null;
}

const VERSION = '2011-06-15';

/** For the token of another identity provider. */
export async function assumeByWebIdentity(role: Role, token: string, tools: FetchTools): Promise<Fetched> {
  const form = { ...formOf('AssumeRoleWithWebIdentity', role), WebIdentityToken: token };
  const url = endpoint(role.region, tools);
  return keyOf(await tools.ask({ method: 'POST', url, form }), url, tools);
}

/** For another access key, with which the request is signed. */
export async function assumeByKey(role: Role, { values }: Fetched, tools: FetchTools): Promise<Fetched> {
  const url = endpoint(role.region, tools);
  const named = role.externalId === null ? {} : { ExternalId: role.externalId };
  const form = { ...formOf('AssumeRole', role), ...named };
  const { accessKeyId = '', secretAccessKey = '', sessionToken = null } = values;
  const key: SigningKey = { accessKeyId, secretAccessKey, sessionToken, region: role.region, service: 'sts' };
  const headers = headersToSign(key, tools.nowMs());
  const digest = sha256(new URLSearchParams(form).toString());
  const authorization = signV4({ method: 'POST', url, headers, digest }, key);
  return keyOf(await tools.ask({ method: 'POST', url, form, headers: { ...headers, authorization } }), url, tools);
}

function formOf(action: string, { arn, sessionName }: Role) {
  return { Action: action, Version: VERSION, RoleArn: arn, RoleSessionName: sessionName ?? 'headgate' };
}

function endpoint(region: string, { variable }: FetchTools): string {
  const own = variable('AWS_ENDPOINT_URL_STS');
  if (own !== null) return own.endsWith('/') ? own : `${own}/`;
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}

/** Of the service's XML, whose values have nothing in them that XML would escape. */
function keyOf(answer: Answer, from: string, tools: FetchTools): Fetched {
  const find = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1] ?? '';
  if (answer.status !== 200) throw refused(from, answer.status, `${find('Code')}: ${find('Message')}`);
  const [accessKeyId, secretAccessKey, sessionToken] = [
    find('AccessKeyId'),
    find('SecretAccessKey'),
    find('SessionToken'),
  ];
  if (accessKeyId === '' || secretAccessKey === '') throw new CredentialsError(`${from} answers without an access key`);
  return {
    values: { accessKeyId, secretAccessKey, sessionToken },
    expiresAtMs: endOf(find('Expiration'), from, answer, tools),
  };
}
