import { expect } from 'chai';
import { describe, it } from 'mocha';
import { credentialsOf } from '../../../../src/providers/credentials/registry.ts';
import type { CredentialsKind } from '../../../../src/providers/credentials/types.ts';

const request = { method: 'POST', url: 'https://a.example/v1', headers: {}, body: Buffer.alloc(0) } as const;

const secrets = (apiKey: string) => ({ apiKey, settings: {}, fetched: null });

describe('a key in a header', () => {
  it('is a bearer key, or stands alone', () => {
    const headers = (kind: CredentialsKind) => credentialsOf(kind).authorize(request, secrets('sk-1'), 0);
    expect(headers('bearer')).to.deep.equal({ authorization: 'Bearer sk-1' });
    for (const kind of ['x-api-key', 'api-key', 'x-goog-api-key'] as const) {
      expect(headers(kind)).to.deep.equal({ [kind]: 'sk-1' });
    }
  });

  it('is left out where there is none', () => {
    for (const kind of ['bearer', 'x-api-key', 'api-key', 'x-goog-api-key'] as const) {
      expect(credentialsOf(kind).authorize(request, secrets(''), 0)).to.deep.equal({});
    }
  });
});
