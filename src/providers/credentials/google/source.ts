/**
 * Tokens of Google, for the scope of its cloud: of a service account (self-signed), of a login of gcloud, or of the
 * metadata server; found as Google's SDKs find them. Values: `token`.
 *
 * Not taken: workload identity federation (`external_account`) and impersonation (`impersonated_service_account`).
 */
import { asRecord, type JsonRecord, parseJson } from '../../../shared/json.ts';
import { CredentialsError, contentsOf, type Fetched, type FetchTools, type Source, textOf } from '../fetching.ts';
import { tokenOf } from '../oauth-token.ts';
import { SCOPE, selfSigned } from './service-account.ts';

const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com/token';
const METADATA_HOST = 'metadata.google.internal';

/** The token of the first that there is: settings, variable, login of gcloud, metadata server. */
export const googleToken: Source = async ({ credentials, credentials_file: file }, tools) => {
  if (file !== undefined) return ofText(await contentsOf(file, tools), file, tools);
  if (credentials !== undefined) return ofText(credentials, 'the setting `credentials`', tools);
  const named = tools.variable('GOOGLE_APPLICATION_CREDENTIALS');
  if (named !== null) return ofText(await contentsOf(named, tools), named, tools);
  const login = loginFile(tools);
  const text = login === null ? null : await tools.readFile(login);
  return text === null || login === null ? ofMetadata(tools) : ofText(text, login, tools);
};

/** Where gcloud keeps its login; null where there is no home. */
function loginFile({ variable }: FetchTools): string | null {
  const [folder, home] = [variable('CLOUDSDK_CONFIG'), variable('HOME')];
  if (folder === null && home === null) return null;
  return `${folder ?? `${home}/.config/gcloud`}/application_default_credentials.json`;
}

/** @param from where the text is from, for errors */
function ofText(text: string, from: string, tools: FetchTools): Fetched | Promise<Fetched> {
  const fields = asRecord(parseJson(text));
  if (fields === null) throw new CredentialsError(`${from} is no JSON`);
  switch (fields.type) {
    case 'service_account':
      return selfSigned(fields, tools.nowMs());
    case 'authorized_user':
      return ofLogin(fields, from, tools);
    default:
      throw new CredentialsError(
        `${from} is of type ${String(fields.type)}: only service_account and authorized_user are taken`,
      );
  }
}

async function ofLogin(fields: JsonRecord, from: string, tools: FetchTools): Promise<Fetched> {
  const url = typeof fields.token_uri === 'string' ? fields.token_uri : TOKEN_ENDPOINT;
  const form = {
    grant_type: 'refresh_token',
    client_id: textOf(fields, 'client_id', from),
    client_secret: textOf(fields, 'client_secret', from),
    refresh_token: textOf(fields, 'refresh_token', from),
  };
  return tokenOf(await tools.ask({ method: 'POST', url, form }), url, tools);
}

async function ofMetadata(tools: FetchTools): Promise<Fetched> {
  const host = tools.variable('GCE_METADATA_HOST') ?? METADATA_HOST;
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token?scopes=${SCOPE}`;
  const question = { method: 'GET', url, headers: { 'metadata-flavor': 'Google' }, near: true } as const;
  const answer = await tools.ask(question).catch((error: unknown) => {
    if (!(error instanceof CredentialsError)) throw error;
    throw new CredentialsError(
      `there are no credentials of Google in settings, variables or gcloud, and ${error.message}`,
    );
  });
  return tokenOf(answer, "Google's metadata server", tools);
}
