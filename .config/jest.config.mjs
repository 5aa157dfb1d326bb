/** One runner, one project per kind of test: `unit` needs Node alone, `images` buildah and root, `browser` Chromium, `cluster` a Kubernetes, `nodes` the tools of a node's operating system, `platform` a Kubernetes without kubelets, `vmware-lab` machines made of namespaces. */
const rootDir = new URL('..', import.meta.url).pathname;

const shared = {
  rootDir,
  // Not the tree at large: laboratories come and go under .cache while jest looks for files.
  roots: ['charts', 'service', 'test'].map((name) => `<rootDir>/${name}`),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

const folder = (name) => `<rootDir>/test/${name}/**/*.test.ts`;

export default {
  rootDir,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      globalSetup: '<rootDir>/.config/build-service.mjs',
      testMatch: [folder('*')],
      testPathIgnorePatterns: [
        '/node_modules/',
        '/test/(browser|cluster|platform)/',
        '\\.build\\.test\\.ts$',
        '\\.(tools|lab)\\.test\\.ts$',
      ],
    },
    { ...shared, displayName: 'images', testMatch: ['<rootDir>/test/images/**/*.build.test.ts'] },
    {
      ...shared,
      displayName: 'browser',
      globalSetup: '<rootDir>/.config/build-service.mjs',
      testMatch: [folder('browser')],
    },
    { ...shared, displayName: 'nodes', testMatch: ['<rootDir>/test/nodes/**/*.tools.test.ts'] },
    { ...shared, displayName: 'vmware-lab', testMatch: ['<rootDir>/test/nodes/lab/*.lab.test.ts'] },
    { ...shared, displayName: 'cluster', testMatch: [folder('cluster')] },
    { ...shared, displayName: 'platform', testMatch: [folder('platform')] },
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};
