import tseslint from 'typescript-eslint';

/** Imports run one way. Each entry: the files, and what they may not import, with the reason a reader is shown. */
const layers = [
  ['service/protocol/**', ['../*'], 'The protocol imports nothing.'],
  [
    'service/keeper/**',
    ['**/bridge/**', '**/client/**', '**/pocket/**', '@kubernetes/*', 'express', 'ws', '@xterm/xterm'],
    'The keeper knows node-pty, headless xterm and the protocol only.',
  ],
  [
    'service/client/**',
    ['**/bridge/**', '**/keeper/**', '**/pocket/**', 'node:*'],
    'The browser client knows the protocol only.',
  ],
  [
    'service/pocket/**',
    ['**/bridge/**', '**/keeper/**', '**/client/**', '**/protocol/**', '@kubernetes/*'],
    'The pocket cluster knows the Kubernetes API, not Berth.',
  ],
  [
    'service/bridge/kubernetes/**',
    ['**/sessions/**', '**/terminal/**', '**/http/**', '**/access/**'],
    'Imports run downward: kubernetes is the lowest layer of the bridge.',
  ],
  [
    'service/bridge/access/**',
    ['**/sessions/**', '**/terminal/**', '**/http/**', '**/kubernetes/**', '@kubernetes/*', 'express', 'ws'],
    'Who may come in is decided without knowing sessions or a transport.',
  ],
  [
    'service/bridge/sessions/**',
    ['**/terminal/**', '**/http/**', '**/kubernetes/**', '**/access/**', '@kubernetes/*', 'express', 'ws'],
    'Use cases take ports: no transport, no client library.',
  ],
  [
    'service/bridge/terminal/**',
    ['**/http/**', '**/kubernetes/**', '@kubernetes/*', 'express'],
    'The WebSocket edge does not know the HTTP edge.',
  ],
  [
    'service/bridge/http/**',
    ['**/terminal/**', '**/kubernetes/**', '@kubernetes/*'],
    'The HTTP edge does not know the WebSocket edge.',
  ],
  [
    'charts/**',
    ['**/service/**', '**/commands/**', '@kubernetes/*'],
    'The two halves share no code, and rendering knows no cluster.',
  ],
  ['charts/commands/**', ['**/service/**'], 'The two halves share no code; a test proves that they agree.'],
];

export default tseslint.config(
  { ignores: ['dist/', 'imports/**/*.ts', 'cdk8s.out/', 'node_modules/', '.artifacts/', '.cache/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels.' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  ...layers.map(([files, group, message]) => ({
    files: [`${files}/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
  })),
  {
    // process.env and argv are read in the entry points only.
    files: ['service/bridge/**/*.ts', 'charts/**/*.ts'],
    ignores: ['**/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only main.ts reads the environment.' },
        { object: 'process', property: 'argv', message: 'Only main.ts reads argv.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
