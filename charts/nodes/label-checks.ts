import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import type { Taint } from './inventory.js';

const NAME = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)$/;
const PREFIX = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** The labels of Kubernetes' own that a kubelet may give itself (NodeRestriction); any other makes it refuse to start. */
const OWN = /^((topology|node|kubelet)\.kubernetes\.io\/.+|kubernetes\.io\/(hostname|arch|os))$/;

/** Everything wrong with a node's labels. */
export function checkLabels(labels: Readonly<Record<string, string>>): readonly Problem[] {
  const findings = new Findings();
  for (const [key, value] of Object.entries(labels)) {
    findings.need(isKey(key), `labels.${key}`, value, 'the key is no label: want [prefix/]name');
    findings.need(
      value === '' || NAME.test(value),
      `labels.${key}`,
      value,
      'want at most 63 letters, digits, -, _ or .',
    );
    const reserved = /(^|\.)(kubernetes|k8s)\.io\//.test(key) && !OWN.test(key);
    findings.need(!reserved, `labels.${key}`, value, 'no kubelet may give itself this label of Kubernetes');
  }
  return findings.problems;
}

/** Everything wrong with a node's taints. */
export function checkTaints(taints: readonly Taint[]): readonly Problem[] {
  const findings = new Findings();
  taints.forEach((taint, index) => {
    const { key, value = '', effect } = taint;
    findings.need(isKey(key), `taints[${index}].key`, key, 'want [prefix/]name');
    findings.need(value === '' || NAME.test(value), `taints[${index}].value`, value, 'want a label value');
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
    findings.need(effects.includes(effect), `taints[${index}].effect`, effect, `want one of ${effects.join(', ')}`);
  });
  return findings.problems;
}

function isKey(key: string): boolean {
  const [name = '', prefix] = key.split('/').reverse();
  return key.split('/').length <= 2 && NAME.test(name) && (prefix === undefined || PREFIX.test(prefix));
}
