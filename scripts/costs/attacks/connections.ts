/** What one client or one address does with connections, without any large body. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { chatBody, chatWith } from '../other-side/bytes.ts';
import { connected, head, over, send, together } from '../other-side/client.ts';
import { shortAnswer } from '../other-side/provider.ts';

const PIPELINED = 5_000;
const IDLE = 2_000;

/** Long enough to be seen by all that looks on. */
const HELD_MS = 1_500;

const SLOW_PIECES = 12;
const SLOW_PIECE_MS = 250;

export const connections: readonly Attack[] = [
  {
    name: 'nothing',
    keptMb: 0,
    run: async () => {
      await pause(HELD_MS);
      return new Map();
    },
  },
  {
    name: `${PIPELINED} pipelined requests on one connection`,
    keptMb: 1,
    run: (front) => {
      const body = chatBody('gpt-4');
      const request = (more: string) => Buffer.from(`${head(`${more}content-length: ${body.length}\r\n`)}${body}`);
      const all = Array.from({ length: PIPELINED - 1 }, () => request(''));
      return send(front, [Buffer.concat([...all, request('connection: close\r\n')])]);
    },
    answer: (() => {
      // The first are held, so that their places can be counted.
      let held = 0;
      return (socket) => {
        held += 1;
        if (held > 100) shortAnswer(socket);
        else setTimeout(() => shortAnswer(socket), HELD_MS / 5);
      };
    })(),
  },
  {
    name: `${IDLE} idle connections of one address`,
    keptMb: 0,
    run: async (front) => {
      const all = await Promise.all(Array.from({ length: IDLE }, () => connected(front)));
      await pause(HELD_MS);
      const open = all.filter(({ socket }) => !socket.destroyed).length;
      for (const { socket } of all) socket.destroy();
      return new Map([['open', open]]);
    },
  },
  {
    name: 'a body of 30 MB that comes slowly',
    keptMb: 0,
    run: async (front) => {
      const { socket, answers } = await connected(front);
      const body = chatWith('gpt-4', 'x'.repeat(200 * SLOW_PIECES));
      socket.write(head('content-length: 31000000\r\n'));
      for (let piece = 0; piece < SLOW_PIECES; piece += 1) {
        socket.write(body.subarray(piece * 200, (piece + 1) * 200));
        await pause(SLOW_PIECE_MS);
      }
      socket.destroy();
      await over(socket);
      return answers;
    },
  },
  {
    name: 'a head of 1 MB',
    keptMb: 0,
    run: async (front) => {
      const lines = Array.from({ length: 20_000 }, (_, index) => `x-header-${index}: ${'y'.repeat(32)}\r\n`).join('');
      return together([await send(front, [Buffer.from(head(`content-length: 2\r\n${lines}`)), Buffer.from('{}')])]);
    },
  },
];
