/** The API's documentation in the browser: Swagger UI from our own server, nothing from elsewhere. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type RequestHandler, type Router } from 'express';
import helmet from 'helmet';

const PAGE = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>签印 API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const SERVED = /^\/(?:swagger-ui\.css|swagger-ui-bundle\.js|favicon-(?:16x16|32x32)\.png)$/;

/** @param openApiPath - where the document is served */
export function documentationRouter(openApiPath: string): Router {
  const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const router = express.Router();
  const files = express.static(directory, { index: false, maxAge: '1d' });
  const start = `SwaggerUIBundle({url:${JSON.stringify(openApiPath)},dom_id:'#api',validatorUrl:null});\n`;
  router.use(policy);
  router.get('/', (_request, response) => {
    response.type('html').send(PAGE);
  });
  router.get('/start.js', (_request, response) => {
    response.type('js').send(start);
  });
  router.use((request, response, next) => {
    if (SERVED.test(request.path)) files(request, response, next);
    else next();
  });
  return router;
}

/** Swagger UI writes style attributes and draws its icons from data URLs; scripts are ours only. */
const policy: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
  },
});
