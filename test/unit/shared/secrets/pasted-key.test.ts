import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { mayBeKey, shownPath } from '../../../../src/shared/secrets/pasted-key.ts';
import { certificates } from '../../../helpers/certificates.ts';

const { local } = certificates();
const withoutMarkers = local.key.replaceAll(/-----[A-Z ]+-----|\n/g, '');

describe('a key in the place of a path', () => {
  it('is known, also in one line, without its markers, and behind a folder', () => {
    const keys = [
      local.key,
      local.key.replaceAll('\n', ''),
      withoutMarkers,
      'sk-proj-0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT',
      'gsk_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT',
      '0123456789abcdef0123456789abcdef',
    ];
    for (const key of keys) {
      expect(mayBeKey(key), key).to.equal(true);
      expect(shownPath(`/etc/headgate/tls/${key}`), key).to.not.include(key.slice(12, 24));
    }
  });

  it('is known whatever its bytes are', () => {
    const der = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
      return Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes]).toString('base64');
    });
    // All bits set make slashes alone, which no key is.
    const likely = der.filter((text) => text.split('/').length < 5 && /[a-z]/.test(text));
    fc.assert(fc.property(likely, (text) => mayBeKey(text)));
  });

  it('is no name of a file, and no certificate', () => {
    const names = [
      '/etc/letsencrypt/live/gateway.example/privkey.pem',
      '/var/run/secrets/kubernetes.io/serviceaccount/token',
      '/var/lib/kubelet/pods/0a1b2c3d-4e5f-6789-abcd-ef0123456789/volumes/kubernetes.io~projected/tls/tls.key',
      '/home/Ann/Projects2/gateway/configuration/secrets/providers/anthropic/production/service-account.json',
      '/Users/Ann/Library/ApplicationSupport/Headgate2/certificates/gateway/current/fullchain.pem',
      '/tmp/headgate-server-certificate-a8Bc9D/v1-x7Yz2K/tls.key',
      'OPENAI_API_KEY_OF_THE_SECOND_TEAM_2026',
      local.cert,
    ];
    for (const name of names) expect(mayBeKey(name), name).to.equal(false);
  });
});
