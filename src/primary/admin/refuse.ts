/** The admin server's errors: JSON with a message for the operator. */
import type { Response } from 'express';

/** Ends the request with an error. The operator sees `message` unchanged; it holds no secret. */
export function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ error: { message } });
}
