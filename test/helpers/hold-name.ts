/** A process that holds an abstract socket's name (its argument) until it is killed; it prints a line when it has it. */
import net from 'node:net';

net.createServer().listen({ path: `\0${process.argv[2]}` }, () => process.stdout.write('held\n'));
