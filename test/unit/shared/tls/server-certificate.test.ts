import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readServerCertificate, type TlsFiles } from '../../../../src/shared/tls/server-certificate.ts';
import { certificates } from '../../../helpers/certificates.ts';
import { type CertificateFiles, certificateFiles } from '../../../helpers/server-certificates.ts';

const { local, other, expired, ca } = certificates();

describe('the certificate of a port', () => {
  let kept: CertificateFiles;
  beforeEach(() => {
    kept = certificateFiles(true);
  });
  afterEach(() => kept.remove());

  const written = (name: string, text: string) => {
    const file = path.join(kept.folder, name);
    writeFileSync(file, text);
    return file;
  };
  const refusal = (files: Partial<TlsFiles>) => {
    const read = readServerCertificate({ ...kept.files, ...files });
    return read.kind === 'unfit' ? `${read.file} ${read.message}` : null;
  };

  it('is read with the time of the first of its chain that expires', () => {
    const chain = written('chain.pem', `${local.cert}${ca.cert}`);
    const read = readServerCertificate({ ...kept.files, cert: chain });
    if (read.kind === 'unfit') throw new Error(read.message);
    const days = (read.certificate.expiresAtMs - Date.now()) / 86_400_000;
    expect(days).to.be.within(29, 30);
    expect(read.certificate).to.include({ key: local.key, clientCa: ca.cert });
  });

  it('is read though it has expired: clients say what they think of it', () => {
    kept.renew(expired);
    expect(refusal({})).to.equal(null);
  });

  it('is refused with a file that cannot be read', () => {
    const folder = path.join(kept.folder, 'folder');
    mkdirSync(folder);
    expect(refusal({ cert: '/nowhere.pem' })).to.equal(
      'cert should be a file that can be read, got none: there is no such file (looked for /nowhere.pem)',
    );
    expect(refusal({ key: folder })).to.equal('key should be a file that can be read, got a folder');
    expect(refusal({ clientCa: '/nowhere.pem' })).to.match(/^clientCa should be a file that can be read/);
  });

  it('is refused with a file that its user may not read', () => {
    const file = written('closed.key', local.key);
    const cert = written('open.crt', local.cert);
    chmodSync(file, 0);
    chmodSync(kept.folder, 0o755);
    expect(asNobody(() => refusal({ cert, key: file }))).to.equal(
      `key should be a file that can be read, got EACCES: this user may not read ${file}`,
    );
  });

  it('is refused with a key in the place of its path, which is not shown', () => {
    const oneLine = local.key.replaceAll('\n', '');
    for (const text of [oneLine, oneLine.replaceAll(/-----[A-Z ]+-----/g, '')]) {
      expect(refusal({ key: path.join(kept.folder, text) }))
        .to.match(/^key should be a file that can be read/)
        .and.not.include(oneLine.slice(40, 80));
    }
  });

  it('is refused with what is none, and nothing of a key is said', () => {
    const nothing = written('nothing.pem', 'CANARY');
    const secret = local.key.replace('-----END', 'CANARY\n-----END');
    expect(refusal({ cert: nothing })).to.equal(
      `cert should be a file with a certificate in PEM form, got ${nothing} without one that can be read`,
    );
    expect(refusal({ key: written('broken.key', secret) }))
      .to.match(/^key should be a file with a private key in PEM form, without a passphrase/)
      .and.not.include('CANARY\n');
    expect(refusal({ clientCa: nothing })).to.match(/^clientCa should be a file with the certificates of authorities/);
  });

  it('is refused with what belongs into the other file, and nothing of a key is said', () => {
    const [cert, key] = [written('swapped.pem', local.key), written('swapped.key', local.cert)];
    const swapped = refusal({ cert, key });
    expect(swapped).to.match(/^cert should .*swapped\.pem, which is a private key: cert and key are swapped$/);
    expect(refusal({ cert })).to.match(/^cert should .*swapped\.pem, which is a private key$/);
    expect(refusal({ key })).to.match(/^key should .*swapped\.key, which is a certificate without one$/);
    expect(swapped).not.to.include(local.key.slice(60, 90));
  });

  it('is refused with the key of another one', () => {
    expect(refusal({ key: written('other.key', other.key) })).to.match(
      /^key should be the key of the first certificate of cert, got .*other\.key, which is that of another$/,
    );
  });
});

/** What is read by a user who is not root, to whom nothing is closed. */
function asNobody<Read>(read: () => Read): Read {
  if (process.geteuid?.() !== 0) return read();
  process.seteuid?.(65_534);
  try {
    return read();
  } finally {
    process.seteuid?.(0);
  }
}
