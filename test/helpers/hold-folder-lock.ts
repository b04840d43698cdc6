/** A process that takes the lock of the state folder in its argument, writes a line, and holds the lock until its end. */
import { pino } from 'pino';
import { takeFolderLock } from '../../src/primary/host/folder-lock.ts';

await takeFolderLock(process.argv[2] ?? '', pino({ level: 'silent' }));
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
