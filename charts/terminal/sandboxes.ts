/** The PriorityClass of every sandbox, and the name of the quota that counts them. */
export const SANDBOX_PRIORITY = 'sandbox';

/** `app.kubernetes.io/name` of every sandbox Pod. */
export const SANDBOX_NAME = 'claudecode-sandbox';

/** Labels and annotations that the bridge and the charts agree on. */
export const BERTH = {
  /** On a PodTemplate and on the Pods made from it: the profile's name. */
  profile: 'berth.dev/profile',
  /** On a sandbox: `true` opens the internet to it. */
  internet: 'berth.dev/internet',
  /** Annotations of a PodTemplate. */
  title: 'berth.dev/title',
  description: 'berth.dev/description',
  default: 'berth.dev/default',
} as const;
