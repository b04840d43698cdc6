/** TLS at the data port and at the admin port, as values of a configuration. */
import { hidden, mapping, text, unlessKey } from './schema-values.ts';

/** A text of certificates or of a key has several lines. */
const expectedPath = 'the path of a file, which is read again when it changes';
const pathPattern = /^[^\0\r\n]+$/;

/** A port's `tls`. @param unknown what happens to a client that has none of the wanted certificates */
export function listenerTls(unknown: string) {
  return mapping(
    {
      cert: unlessKey(
        text(expectedPath, pathPattern, {
          description:
            'Path of the certificate in PEM form, with those between it and its authority (`fullchain.pem`). A relative path starts from the folder of this file.',
        }),
      ),
      // What stands here by mistake may be the key itself.
      key: hidden(
        text(expectedPath, pathPattern, {
          description: 'Path of the private key of `cert` in PEM form, without a passphrase.',
        }),
      ),
      client_ca: unlessKey(
        text(expectedPath, pathPattern, {
          description: `Path of the authorities of clients in PEM form: each client must have a certificate that one of them has signed. ${unknown}`,
        }),
      ).optional(),
    },
    {
      description:
        'TLS at this port, with HTTP/1.1 from TLS 1.2 on; without it, HTTP in plain text. The files are looked at every 5 s and at each reload: a new certificate is used for new connections, and one that is not sound is refused with a line in the log, while the last one stays.',
    },
  ).optional();
}
