/**
 * Checks the certificates of both ports before the start: their files are read as the gateway reads them. What is only
 * half of a pair is the schema's to report.
 */
import { resolve } from 'node:path';
import { readServerCertificate } from '../../shared/tls/server-certificate.ts';
import type { Fault } from '../source/faults.ts';
import { faultAt, mappingAt, type SourceTree } from '../source/source-tree.ts';

/** The names in the file. */
const keys = { cert: 'cert', key: 'key', clientCa: 'client_ca' } as const;

/** Faults of the files. A relative path starts from `baseFolder`. */
export function checkCertificates(tree: SourceTree, baseFolder: string): Fault[] {
  return ['server', 'admin'].flatMap((port) => {
    const tls = mappingAt(tree, [port, 'tls']);
    const pathOf = (key: string) => (isPath(tls[key]) ? resolve(baseFolder, tls[key]) : null);
    const [cert, key, clientCa] = [pathOf('cert'), pathOf('key'), pathOf('client_ca')];
    if (cert === null || key === null) return [];
    const read = readServerCertificate({ cert, key, clientCa });
    if (read.kind === 'sound') return [];
    const path = [port, 'tls', keys[read.file]];
    return [faultAt(tree.places.ofValue(path), path, read.message)];
  });
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/[\0\r\n]/.test(value);
}
