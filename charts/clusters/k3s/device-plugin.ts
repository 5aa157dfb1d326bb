import type { DevicePluginData } from '../../gpu/device-plugin.js';

/** Rendered from day one, so that a GPU node only has to join. */
export const DEVICE_PLUGIN: DevicePluginData = {
  enabled: true,
  image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.4',
  requests: { cpu: '10m', memory: '64Mi' },
  limits: { memory: '256Mi' },
};
