/** The web console's files, as they were built: pages at the root, everything else under a name that changes with its content. */
import { relative } from 'node:path';
import compression from 'compression';
import express, { type RequestHandler, type Router } from 'express';
import helmet from 'helmet';

/** @param directory - what the build of the console wrote */
export function consolePages(directory: string): Router {
  const router = express.Router();
  router.use(policy);
  router.use(compression());
  router.use(
    express.static(directory, {
      extensions: ['html'],
      redirect: false,
      setHeaders: (response, path) => {
        const isNamedByContent = relative(directory, path).startsWith('assets');
        response.setHeader(
          'Cache-Control',
          isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    }),
  );
  return router;
}

/** Files of ours only, none of them inline; pictures that the API sent come as data URLs. */
const policy: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
});
