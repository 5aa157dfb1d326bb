/**
 * The one GPU vocabulary: node labels (the names that GPU feature discovery uses), the taint that keeps CPU work off GPU
 * nodes, the extended resource and the RuntimeClass. Plain k3s sets none of the labels and no taint: a GPU node gets them
 * from its k3s config. runc stays the default runtime, so a Pod that wants a GPU names the class.
 */
export const GPU = {
  presentLabel: 'nvidia.com/gpu.present',
  productLabel: 'nvidia.com/gpu.product',
  taint: 'nvidia.com/gpu',
  resource: 'nvidia.com/gpu',
  runtimeClass: 'nvidia',
} as const;

/** The cards in the house (values of `nvidia.com/gpu.product`) and what each is for. */
export const GPU_PRODUCTS = { T4: 'inference', A2: 'auxiliary' } as const;

/** A value of the product label. */
export type GpuProduct = keyof typeof GPU_PRODUCTS;
