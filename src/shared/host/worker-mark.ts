/** How a process knows that it is a worker, and the host's other processes that it is one. */

/** Set in the environment of every worker. */
export const WORKER_MARK = 'HEADGATE_WORKER';
