// The floors of design/house: who may import whom. Checked by test/house/check-floors.ts, which also fails when it sees too few modules.
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|commands|migrations|test|bench)/', pathNot: to },
});
const SDKS =
  '^(node_modules/)?(pg|kysely|hono|@hono|openai|stripe|cockatiel|graphile-worker|node-cron|html-to-text|@modelcontextprotocol|@slack|discord\\.js)(/|$)';

export const rules = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|commands)' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('core-imports-nothing-of-ours', '^src/core/', '^src/core/', 'core is pure vocabulary'),
    only('db-above-core', '^src/db/', '^src/(db|core)/', 'floor 1'),
    only('observability-stands-beside-core', '^src/observability/', '^src/(observability|core)/', 'handed down through deps'),
    only('domain-above-db', '^src/domain/', '^src/(domain|db|core)/', 'floor 2'),
    {
      name: 'domain-siblings-by-type-only',
      comment: 'data from siblings arrives as an argument; composition is in flows',
      severity: 'error',
      from: { path: '^src/domain/([^/]+)/' },
      to: { path: '^src/domain/([^/]+)/', pathNot: '^src/domain/$1/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'chat-speaks-no-flows',
      severity: 'error',
      from: { path: '^src/chat/' },
      to: { path: '^src/(flows|autonomy|adapters)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'flows-below-autonomy',
      severity: 'error',
      from: { path: '^src/flows/' },
      to: { path: '^(src/(autonomy|adapters|app|main)|commands)' },
    },
    {
      name: 'autonomy-and-commands-below-adapters',
      severity: 'error',
      from: { path: '^(src/autonomy|commands)/' },
      to: { path: '^src/(adapters|app|main)' },
    },
    {
      name: 'only-app-and-tests-know-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(adapters|app\\.ts|jug\\.ts|doctor\\.ts|manifest\\.ts)' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'sql-only-in-stores',
      severity: 'error',
      from: { path: '^(src/(core|domain|flows|autonomy|chat|observability)|commands)/', pathNot: '(-store\\.ts$|^src/db/)' },
      to: { path: '^(node_modules/)?(pg|kysely)(/|$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sdks-only-in-adapters',
      severity: 'error',
      from: {
        path: '^(src/(core|domain|flows|autonomy|chat|observability)|commands)/',
        pathNot: '(-store\\.ts$|^src/autonomy/(loop|schedule)\\.ts$|^src/core/public-address\\.ts$)',
      },
      to: { path: SDKS, pathNot: '(pg|kysely)(/|$)' },
    },
    {
      name: 'no-network-below-adapters',
      severity: 'error',
      from: { path: '^(src/(core|domain|flows|autonomy|chat)|commands)/' },
      to: { path: '^(node:)?(http|https|net|tls|dns|child_process)$' },
    },
    { name: 'no-barrels', severity: 'error', from: {}, to: { path: '/index\\.ts$', pathNot: '^(commands/index\\.ts|node_modules)' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
  },
};
