// Who may import whom (docs/architecture.md). One rule a layer; flat regexes.
const DOMAIN = 'signing|verification|seal|contract|filing|webhook|audit|access|supervision';
const FORMATS = 'pki|pdf|font|picture|typesetting|pades|eseal|zip|word';

/** Files in `from` may import, of src/, only what `allowed` matches. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});
/** `driver` is imported in `rooms` only. */
const driver = (name, rooms) => ({
  name: `driver-${name.replace(/[^a-z0-9]/g, '-')}`,
  comment: `${name} appears in ${rooms} only`,
  severity: 'error',
  from: { path: '^src/', pathNot: rooms },
  to: { path: `^(node_modules/)?${name}(/|$)` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('kernel-alone', '^src/kernel/', '^src/kernel/', 'layer 0 imports nothing of ours'),
    only('pki-below', '^src/pki/', '^src/(kernel/index|pki/)', 'pki imports kernel only'),
    only(
      'asn1-lowest',
      '^src/pki/asn1/',
      '^src/(kernel/index|pki/asn1/)',
      'asn1 is below the rest of pki',
    ),
    only(
      'pdf-below',
      '^src/pdf/',
      '^src/(kernel/index|pdf/)',
      'pdf imports kernel only: no crypto',
    ),
    only('font-below', '^src/font/', '^src/(kernel/index|font/)', 'font imports kernel only'),
    only(
      'typesetting-on-font',
      '^src/typesetting/',
      '^src/(kernel/index|font/index|typesetting/)',
      'typesetting composes new documents from fonts alone',
    ),
    only(
      'picture-on-pdf',
      '^src/picture/',
      '^src/(kernel/index|pdf/index|font/index|picture/)',
      'pictures stand on pdf and font',
    ),
    only('zip-below', '^src/zip/', '^src/(kernel/index|zip/)', 'zip imports kernel only'),
    only(
      'word-on-typesetting',
      '^src/word/',
      '^src/(kernel/index|zip/index|typesetting/index|word/)',
      'Word documents are read into blocks of text',
    ),
    only(
      'pades-on-formats',
      '^src/pades/',
      '^src/(kernel/index|pki/index|pdf/index|pades/)',
      'pades stands on pki and pdf',
    ),
    only(
      'eseal-on-pki',
      '^src/eseal/',
      '^src/(kernel/index|pki/index|eseal/)',
      'eseal stands on pki',
    ),
    only(
      'ports',
      '^src/(token|trust|store)/[^/]+[.]ts$',
      '^src/(kernel/index|token/[^/]+[.]ts|trust/[^/]+[.]ts|store/[^/]+[.]ts)',
      'ports know the kernel only',
    ),
    only(
      'domain',
      `^src/(${DOMAIN})/`,
      `^src/(kernel/index|(${FORMATS})/index|(token|trust|store)/index|(${DOMAIN})/)`,
      'the domain imports formats, ports and each other; no adapters, no entrances',
    ),
    ...DOMAIN.split('|').map((room) => ({
      name: `domain-${room}-by-index`,
      comment: `other rooms import ${room} by its index`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${room}/` },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/index[.]ts$` },
    })),
    ...['token', 'trust', 'store'].map((port) =>
      only(
        `adapters-${port}`,
        `^src/${port}/[^/]+/`,
        `^src/(kernel/index|(${FORMATS})/index|${port}/)`,
        'an adapter imports its own port and formats',
      ),
    ),
    {
      name: 'adapters-apart',
      comment: 'adapters never import each other',
      severity: 'error',
      from: { path: '^src/(token|trust|store)/([^/]+)/' },
      to: { path: '^src/(token|trust|store)/[^/]+/', pathNot: '^src/$1/$2/' },
    },
    only(
      'entrances',
      '^src/(http|cli|agent)/',
      `^src/(kernel/index|(${DOMAIN})/index|(token|trust|store)/index|config/|http/|cli/|agent/)`,
      'entrances import the domain, the kernel, ports and configuration',
    ),
    {
      name: 'entrances-apart',
      severity: 'error',
      from: { path: '^src/(http|cli|agent)/' },
      to: { path: '^src/(http|cli|agent)/', pathNot: '^src/$1/' },
    },
    only('config', '^src/config/', '^src/(kernel/index|config/)', 'config knows the kernel only'),
    only(
      'sandbox',
      '^src/sandbox/',
      `^src/(kernel/index|(${FORMATS})/index|(token|trust|store)/index|(${DOMAIN})/index|sandbox/)`,
      'stand-ins for the outside world use formats and the domain; nothing but app imports them',
    ),
    {
      name: 'cli-loads-late',
      comment:
        'a command loads the rooms it needs when it is called; until then the command line is types',
      severity: 'error',
      from: { path: '^src/(cli/|bin/|app/(index|cli-runtime|version)[.]|app/files/)' },
      to: {
        path: '^src/',
        pathNot: '^src/(kernel|cli|bin|app)/',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'sandbox-by-app-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|sandbox)/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'app-by-bin-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|bin)/' },
      to: { path: '^src/app/' },
    },
    only(
      'console',
      '^src/console/',
      '^src/console/',
      'the console talks to HTTP and imports its own files',
    ),
    {
      name: 'console-by-nobody',
      comment: 'its build is files that http serves',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/console/' },
      to: { path: '^src/console/' },
    },
    only('bin', '^src/bin/', '^src/(app/index|bin/)', 'entry points of a few lines'),
    {
      name: 'formats-no-io',
      comment: 'formats are pure: bytes in, bytes out',
      severity: 'error',
      from: { path: `^src/(${FORMATS})/` },
      to: {
        path: '^(fs|net|http|https|child_process|worker_threads|os|dns|tls)(/|$)',
        dependencyTypes: ['core'],
      },
    },
    {
      name: 'domain-no-io',
      severity: 'error',
      from: { path: `^src/(${DOMAIN})/`, pathNot: '^src/contract/resources' },
      to: { path: '^(fs|net|http|https|child_process|dns|tls)(/|$)', dependencyTypes: ['core'] },
    },
    driver('pkcs11js', '^src/(token/pkcs11|sandbox)/'),
    driver('better-sqlite3', '^src/store/sqlite/'),
    driver('mongoose', '^src/store/mongo/'),
    driver('express', '^src/(http|agent|sandbox)/'),
    driver('pdf-lib', '^src/typesetting/'),
    driver('hucre', '^src/seal/form-import/'),
    driver('saxes', '^src/word/'),
    driver('opencc-js', '^src/seal/information-form/'),
    driver('fontkit', '^src/font/'),
    driver('fast-png', '^src/picture/'),
    driver('node-forge', '^src/(token/pkcs12|sandbox)/'),
    driver('@peculiar/x509', '^src/sandbox/'),
    driver('commander', '^src/cli/'),
    driver('react', '^src/console/'),
    driver('react-dom', '^src/console/'),
    driver('vite', '^src/console/'),
    driver('jsonwebtoken', '^src/access/'),
    driver('pino', '^src/app/'),
    {
      name: 'no-test-imports',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
