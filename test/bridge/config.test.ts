import { ConfigError, readConfig } from '../../service/bridge/config.js';

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('the bridge’s environment', () => {
  test('is complete with a kubeconfig alone; an empty variable is an unset one', () => {
    expect(readConfig({ KUBECONFIG: '/k', PORT: '', BASE_PATH: '' })).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      opsPort: 9090,
      basePath: '',
      trustProxy: false,
      sessionsPerUser: 4,
    });
  });

  test('in a Pod the API server is where Kubernetes says, also over IPv6', () => {
    expect(readConfig({ KUBERNETES_SERVICE_HOST: '10.43.0.1' }).serviceAddress).toBe('10.43.0.1:443');
    expect(readConfig({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }).serviceAddress).toBe(
      '[fd00::1]:6443',
    );
  });

  test('every problem is named at once, with its variable, its value and its rule', () => {
    const found = problems({
      HOST: 'everywhere',
      PORT: '70000',
      OPS_PORT: 'x',
      ALLOWED_ORIGINS: 'https://a.example/path',
      BASE_PATH: 'terminal/',
      TRUST_PROXY: 'true',
      SESSIONS_PER_USER: '0',
      LOG_LEVEL: 'loud',
      NAMESPACE: 'Not_One',
    });
    expect(found).toHaveLength(10);
    expect(found).toContain('PORT="70000": want a whole number from 0 to 65535');
    expect(found).toContain('BASE_PATH="terminal/": want a path that begins with / and does not end with it');
    expect(found).toContain('KUBECONFIG is not set: want one kubeconfig file, or to run in a Pod');
  });

  test.each([
    ['0', 0],
    ['2', 2],
    ['false', false],
    ['loopback, 10.0.0.0/8', 'loopback, 10.0.0.0/8'],
  ])('TRUST_PROXY=%s is understood', (given, read) => {
    expect(readConfig({ KUBECONFIG: '/k', TRUST_PROXY: given }).trustProxy).toBe(read);
  });
});
