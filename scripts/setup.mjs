// Makes the checkout runnable on a fresh machine: Debian packages, npm packages, build. Quick when all is there.
import {
  BUILD_PACKAGES,
  RUN_PACKAGES,
  ensureBuild,
  ensureDebianPackages,
  ensureNodeModules,
  say,
} from './environment.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  say(
    `需要 Node.js 20.19 以上版本 (Node.js 20.19 or newer is needed; this is ${process.versions.node})`,
  );
  process.exit(69);
}
const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES]);
// pdfsig only adds a second opinion; everything else is needed.
if (missing.some((name) => name !== 'poppler-utils')) process.exit(69);
if (!ensureNodeModules() || !ensureBuild()) process.exit(1);
