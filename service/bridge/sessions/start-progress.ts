import { PROGRESS_STEPS, type Progress, type ProgressStep } from '../../protocol/control-message.js';
import { condition, sandboxStatus, SANDBOX_CONTAINER, type KubeEvent, type Pod } from './pod.js';

/** Reasons why a container waits that do not pass by themselves, and what to do about each. */
const OBSTACLES: Record<string, { readonly step: ProgressStep; readonly help: (image: string) => string }> = {
  ErrImageNeverPull: {
    step: 'image',
    help: (image) =>
      `The image ${image} is not on the node, and sandboxes never pull. Bring it back with \`npm run images\`; the sandbox then starts by itself.`,
  },
  InvalidImageName: { step: 'image', help: (image) => `${image} is not a valid image name. Correct the profile.` },
  ErrImagePull: { step: 'image', help: (image) => `The image ${image} cannot be pulled.` },
  ImagePullBackOff: { step: 'image', help: (image) => `The image ${image} cannot be pulled; the node tries again.` },
  CreateContainerConfigError: { step: 'started', help: () => 'The profile names something that does not exist.' },
  CreateContainerError: { step: 'started', help: () => 'The node could not make the container.' },
  RunContainerError: { step: 'started', help: () => 'The node could not run the container.' },
  CrashLoopBackOff: { step: 'started', help: () => 'The container ends as soon as it starts.' },
};

/** Warnings that a node reports before there is any container status. */
const NODE_WARNINGS = ['FailedMount', 'FailedCreatePodSandBox', 'FailedAttachVolume', 'NetworkNotReady'];

/** How far a Pod's start has come, one entry for each step, in order. */
export function startProgress(pod: Pod, events: readonly KubeEvent[] = []): Progress[] {
  const done = stepsDone(pod, events);
  const trouble = troubleOf(pod, events);
  return PROGRESS_STEPS.map((step): Progress => {
    if (done.has(step)) return { type: 'progress', step, state: 'done', message: doneText(step, pod) };
    const mine = trouble?.step === step ? trouble : undefined;
    return {
      type: 'progress',
      step,
      state: mine?.state ?? 'waiting',
      message: mine?.message ?? waitingText(step, pod),
    };
  });
}

interface Trouble {
  readonly step: ProgressStep;
  readonly state: 'waiting' | 'failed';
  readonly message: string;
}

/** Why a starting session is not running yet, in words; `undefined` when nothing is wrong. */
export function troubleOf(pod: Pod, events: readonly KubeEvent[] = []): Trouble | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = `No node has room for it now; it waits in the queue. ${scheduled.message ?? ''}`.trim();
    return { step: 'scheduled', state: 'waiting', message };
  }
  const waiting = sandboxStatus(pod)?.state?.waiting;
  const obstacle = OBSTACLES[waiting?.reason ?? ''];
  if (obstacle !== undefined) {
    const said = waiting?.message ? ` (${waiting.reason ?? ''}: ${waiting.message})` : ` (${waiting?.reason ?? ''})`;
    return { step: obstacle.step, state: 'failed', message: obstacle.help(imageOf(pod)) + said };
  }
  const warning = events.findLast((event) => NODE_WARNINGS.includes(event.reason ?? ''));
  if (warning === undefined || sandboxStatus(pod)?.state?.running !== undefined) return undefined;
  return { step: 'started', state: 'waiting', message: `${warning.reason ?? ''}: ${warning.message ?? ''}` };
}

function stepsDone(pod: Pod, events: readonly KubeEvent[]): ReadonlySet<ProgressStep> {
  const status = sandboxStatus(pod);
  const ready = condition(pod, 'Ready')?.status === 'True';
  const started = ready || status?.state?.running !== undefined;
  const image = started || Boolean(status?.imageID) || events.some((event) => event.reason === 'Pulled');
  const scheduled = image || condition(pod, 'PodScheduled')?.status === 'True' || pod.spec?.nodeName !== undefined;
  const done: [ProgressStep, boolean][] = [
    ['created', true],
    ['scheduled', scheduled],
    ['image', image],
    ['started', started],
    ['ready', ready],
  ];
  return new Set(done.filter(([, is]) => is).map(([step]) => step));
}

function doneText(step: ProgressStep, pod: Pod): string {
  switch (step) {
    case 'created':
      return 'The cluster has accepted the sandbox.';
    case 'scheduled':
      return `It has a place on node ${pod.spec?.nodeName ?? '?'}.`;
    case 'image':
      return 'The image is there.';
    case 'started':
      return 'The sandbox has started.';
    case 'ready':
      return 'The shell can be reached.';
  }
}

function waitingText(step: ProgressStep, pod: Pod): string {
  switch (step) {
    case 'created':
      return 'Asking the cluster for a sandbox.';
    case 'scheduled':
      return 'Looking for a node.';
    case 'image':
      return `Waiting for the image ${imageOf(pod)}.`;
    case 'started':
      return 'Waiting for the sandbox to start.';
    case 'ready':
      return 'Waiting for the keeper.';
  }
}

function imageOf(pod: Pod): string {
  return pod.spec?.containers.find(({ name }) => name === SANDBOX_CONTAINER)?.image ?? '?';
}
