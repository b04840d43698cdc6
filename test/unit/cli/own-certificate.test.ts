/** By what commands trust the admin port: what cannot be read is named, and a key in the place of a path is not shown. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CommandError } from '../../../src/cli/failures.ts';
import { agentFor } from '../../../src/cli/own-certificate.ts';
import type { TlsFiles } from '../../../src/shared/tls/server-certificate.ts';
import { certificates } from '../../helpers/certificates.ts';
import { type CertificateFiles, certificateFiles } from '../../helpers/server-certificates.ts';

const { local, other } = certificates();

describe('the certificate by which commands know a gateway', () => {
  let kept: CertificateFiles;
  beforeEach(() => {
    kept = certificateFiles(true);
  });
  afterEach(() => kept.remove());

  const refusal = (files: Partial<TlsFiles>): string => {
    try {
      agentFor({ ...kept.files, ...files });
    } catch (error) {
      if (error instanceof CommandError) {
        expect(error.exitCode, 'of a bad configuration').to.equal(78);
        return error.message;
      }
      throw error;
    }
    return 'none';
  };
  const written = (name: string, text: string) => {
    const file = path.join(kept.folder, name);
    writeFileSync(file, text);
    return file;
  };

  it('is taken with its key where clients need a certificate', () => {
    const { https } = agentFor(kept.files);
    expect(https?.options).to.include({ cert: local.cert, key: local.key });
    expect(agentFor(undefined)).to.deep.equal({});
  });

  it('is named where it cannot be read, as is its key', () => {
    expect(refusal({ cert: kept.folder })).to.match(/cannot be read at \/.*: got a folder\. Put one there/);
    expect(refusal({ cert: written('none.pem', 'none') })).to.match(/none\.pem: got no certificate/);
    expect(refusal({ key: '/nowhere.key' })).to.match(/the gateway's key, .* at \/nowhere\.key: got none/);
    expect(refusal({ key: written('none.key', 'CANARY') }))
      .to.match(/none\.key: got no private key$/)
      .and.not.include('CANARY');
    expect(refusal({ key: written('other.key', other.key) })).to.match(/got that of another certificate$/);
  });

  it('is not told where a key stands in the place of a path', () => {
    const oneLine = local.key.replaceAll('\n', '');
    for (const text of [oneLine, oneLine.replaceAll(/-----[A-Z ]+-----/g, '')]) {
      for (const files of [{ cert: path.join(kept.folder, text) }, { key: path.join(kept.folder, text) }]) {
        expect(refusal(files))
          .to.match(/which is not shown: it may be a key/)
          .and.not.include(oneLine.slice(40, 80));
      }
    }
  });
});
