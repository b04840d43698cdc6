/**
 * How a client library is driven: a line of JSON on standard input is a case, a line of JSON on standard output is what
 * the client made of it. A face is a way in which a library speaks: it has a function for each feature.
 */
import { createInterface } from 'node:readline';

/** The words of all cases. They arrive with every case, so that no library's driver has its own. */
/** @typedef {{ face: string, feature: string, baseUrl: string, model: string, system: string, prompt: string, second: string }} Case */

/** Schema of the one tool's input. */
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Name of the city' } },
  required: ['city'],
  additionalProperties: false,
};

/** Schema of a structured answer. */
export const answerSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};

export const weatherDescription = 'Tells the weather of a city';

/** What the tool answers. */
export function weatherIn(city) {
  return `${city}: 21 degrees`;
}

/** Serves cases until standard input ends. @param faces functions by face and feature */
export async function drive(faces) {
  for await (const line of createInterface({ input: process.stdin })) {
    const given = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await outcomeOf(faces, given))}\n`);
  }
}

async function outcomeOf(faces, given) {
  try {
    return await faces[given.face](given)[given.feature]();
  } catch (error) {
    return {
      error: { name: error?.name, status: statusOf(error), message: String(error?.message), stack: error?.stack },
    };
  }
}

/** The AI SDK wraps an error that it has retried. */
function statusOf(error) {
  return error?.status ?? error?.statusCode ?? error?.lastError?.statusCode ?? null;
}
