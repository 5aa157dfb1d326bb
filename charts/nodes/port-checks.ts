import type { Problem } from '../model/problem.js';
import { Findings } from '../model/problem.js';
import type { Inventory } from './inventory.js';
import { portNeeds } from './port-needs.js';
import { describePort, opens, portRange } from './ports.js';

/** What is open against what must be: every need of a chosen component, and not a port more. */
export function checkPorts(inventory: Inventory): readonly Problem[] {
  const findings = new Findings();
  const { ports } = inventory;
  const needs = portNeeds(inventory);
  ports.forEach((rule, index) => {
    const field = `ports[${index}]`;
    const numbered = rule.protocol === 'icmp' ? rule.ports === '' : portRange(rule.ports) !== undefined;
    findings.need(numbered, `${field}.ports`, rule.ports, 'want a port or a range first-last; nothing for ICMP');
    findings.need(rule.from.length > 0, `${field}.from`, rule.from, 'want at least one source');
    for (const role of rule.roles)
      for (const source of rule.from) {
        const reason = needs.some((need) => opens(need, rule, role, source));
        const what = `${describePort(rule)} (${rule.component})`;
        findings.need(reason, field, what, `nothing on a ${role} answers ${source} there: must be closed`);
      }
  });
  for (const need of needs)
    for (const role of need.roles) {
      if (!inventory.hosts.some((host) => host.role === role)) continue;
      for (const source of need.from) {
        const open = ports.some((rule) => opens(rule, need, role, source));
        const what = `${describePort(need)} (${need.component})`;
        findings.need(open, 'ports', what, `must be open on every ${role}, to ${source}`);
      }
    }
  return findings.problems;
}
