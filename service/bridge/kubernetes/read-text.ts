import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.js';

/** How long the Kubernetes API may say nothing, in milliseconds, before an answer or in the midst of it. */
export const PATIENCE = 15_000;

/** Reads an answer to its end. @throws ApiError when nothing of it comes for `patience`, as on a half-open connection */
export async function readText(response: IncomingMessage, patience: number): Promise<string> {
  const chunks: Buffer[] = [];
  const silence = setTimeout(() => {
    response.destroy(new Error(`its answer stopped for ${patience / 1000} s`));
  }, patience);
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      silence.refresh();
    }
  } catch (error) {
    throw ApiError.unreachable(error);
  } finally {
    clearTimeout(silence);
  }
  return Buffer.concat(chunks).toString('utf8');
}
