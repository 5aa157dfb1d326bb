import { execFileSync } from 'node:child_process';

/** The stories run what users run: the built bridge, keeper and page. A build takes about a second. */
export default function buildService() {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: new URL('..', import.meta.url), stdio: 'inherit' });
}
