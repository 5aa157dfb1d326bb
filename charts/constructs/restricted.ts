import type { k8s } from 'cdk8s-plus-30';

/** The user that every container of ours runs as; the images are built for it. */
export const RUN_AS = 1000;

/**
 * A Pod that Pod Security `restricted` admits: not root, default seccomp, no token unless it mounts one itself, no
 * environment made from Services. `fsGroup` lets the user read Secrets and write volumes. What the spec says itself wins.
 */
export function restrictedPod(spec: k8s.PodSpec): k8s.PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: runningAs(RUN_AS),
    ...spec,
  };
}

/** The same for a Pod whose image is built for another user. */
export function runningAs(user: number): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** The same for one container: no way to more privilege, no capability, a root file system that cannot be written. */
export function restrictedContainer(container: k8s.Container): k8s.Container {
  return {
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...container,
  };
}
