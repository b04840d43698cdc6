/** All cells of the wall: each fault, for each face, plain and streamed, in front of each kind of model. */
import type { Face } from './faces/face.ts';
import { type WallFault, wallFaults } from './wall-faults.ts';
import { type ModelKind, modelKinds } from './wall-models.ts';

export interface Cell {
  /** From 0; each has a prompt of its own. */
  readonly number: number;
  readonly face: Face;
  readonly stream: boolean;
  readonly kind: ModelKind;
  readonly fault: WallFault;
}

/** The cells of these faces. */
export function cellsOf(faces: readonly Face[]): Cell[] {
  const cells = faces.flatMap((face) =>
    (face.streams ? [false, true] : [false]).flatMap((stream) =>
      kindsFor(face).flatMap((kind) =>
        wallFaults.filter(({ after }) => stream || !after).map((fault) => ({ face, stream, kind, fault })),
      ),
    ),
  );
  return cells.map((cell, number) => ({ number, ...cell }));
}

function kindsFor({ translated, path }: Face): readonly ModelKind[] {
  return modelKinds.filter(({ apis }) => {
    if (apis === 'responses') return path === '/v1/responses';
    return apis === 'all' || translated === (apis === 'translated');
  });
}

/** What is asked in a cell: the answer repeats it, and so does the request that a provider gets. */
export function promptOf({ number }: Cell): string {
  return `wall cell ${number};`;
}

/** The cell of a request that a provider has got; null for none. */
export function cellIn(body: string): number | null {
  const [, number] = /wall cell (\d+);/.exec(body) ?? [];
  return number === undefined ? null : Number(number);
}
