/** How a provider is reached, and what is sent along: its proxy, TLS and headers, as values of a configuration. */
import { z } from 'zod';
import { whyNotSettable } from './header-names.ts';
import { headerValue, hidden, mapping, text, unlessKey } from './schema-values.ts';

const expectedProxy = 'the URL of an HTTP proxy such as http://proxy.example:3128, or none';
const proxyPattern = /^(?:|none|https?:\/\/(?:[^\s/?#@]*@)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?)$/;

/** `none` or null, or a URL with http or https; empty for that of the environment. */
export const proxy = hidden(
  z
    .string(expectedProxy)
    .regex(proxyPattern, expectedProxy)
    .refine((url) => url === '' || url === 'none' || isProxy(url), expectedProxy),
)
  .nullable()
  .meta({
    description:
      'The HTTP proxy on the way to the provider, with credentials as in `http://USER:PASSWORD@HOST:PORT` where it wants some. `none` or null: it is asked directly, whatever the environment says. An empty text counts as left out. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the environment, in either case.',
  });

/** Whether it is a URL, with credentials that can be read. */
function isProxy(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null) return false;
  try {
    return decodeURIComponent(parsed.username + parsed.password) !== null;
  } catch {
    // A percent sign that escapes nothing.
    return false;
  }
}

const certificates = 'certificates in PEM form';
const certificatePattern = /^\s*$|-----BEGIN (?:TRUSTED )?CERTIFICATE-----/;
const expectedKey = 'a private key in PEM form, without a passphrase';

/** A provider's `tls`. */
export const tls = mapping({
  ca: unlessKey(
    text(certificates, certificatePattern, {
      description: `The authorities by which the provider's certificate is trusted, in place of Node's own; usually \`\${file:ca.pem}\`.`,
    }),
  ),
  cert: unlessKey(
    text(certificates, certificatePattern, {
      description:
        'The certificate of the gateway, for a provider that asks for one, with those between it and its authority.',
    }),
  ),
  key: hidden(
    text(expectedKey, /^\s*$|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, {
      description: 'The private key of `cert`, without a passphrase.',
    }),
  ),
  server_name: text('a host name', /^(?:|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)$/, {
    description:
      "The name that the provider's certificate must be for, where it is another than the host of `base_url`.",
  }),
})
  .partial()
  .meta({ description: 'TLS to the provider. Certificates and keys are PEM texts; an empty text counts as left out.' });

const headerName = z.string().superRefine((name, context) => {
  const why = whyNotSettable(name);
  if (why !== null) context.addIssue(why);
});

/** A provider's `headers`: at most 32, none of those that the gateway sets itself. */
export const headers = z
  .record(headerName, headerValue(), 'a mapping of headers by name')
  .refine((all) => Object.keys(all).length <= 32, 'at most 32 headers')
  .meta({
    description:
      'Sent with every request to the provider, such as `OpenAI-Organization`. They go before what a client sends, but for `anthropic-beta` and `openai-beta`, which are added up. A header with an empty value counts as left out.',
  });
