import express, { type RequestHandler, type Response } from 'express';
import { basename } from 'node:path';

/** xterm.js styles its cells itself, hence the one concession; scripts come from here alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For a month: a name that is given to somebody else speaks plain HTTP again after that. */
const STRICT_TRANSPORT = 'max-age=2592000';

/** On every answer, whatever it is. */
export const securityHeaders: RequestHandler = (request, response, next) => {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    // A browser ignores both on plain HTTP, and complains about the second.
    ...(request.secure
      ? { 'Strict-Transport-Security': STRICT_TRANSPORT, 'Cross-Origin-Opener-Policy': 'same-origin' }
      : {}),
  });
  next();
};

/** The built client. A file whose name holds the hash of its content never changes; the index is never kept. */
export function page(directory: string): RequestHandler {
  return express.static(directory, {
    index: 'index.html',
    redirect: false,
    cacheControl: false,
    setHeaders: setCaching,
  });
}

function setCaching(response: Response, file: string): void {
  const hashed = /-[A-Z0-9]{8}\.[a-z0-9.]+$/.test(basename(file));
  if (hashed) response.set('Cache-Control', 'public, max-age=31536000, immutable');
  else if (!file.endsWith('.html')) response.set('Cache-Control', 'no-cache');
}
