import type { Chart } from 'cdk8s';
import { ApiObject, App, Yaml } from 'cdk8s';
import type { Delivery } from '../clusters/delivery.js';
import type { Manifest } from '../invariants/manifest.js';

/** One file of the output: its path below it, what it says, and the manifests in it. */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
  readonly manifests: readonly Manifest[];
}

/** The words by which a rendered file is known as ours, in its first line. */
export const MARK = 'Rendered from charts/ by `npm run synth`. Change it there.';

/**
 * The files of one delivery, a pure function of its data. Its own few lines instead of `app.synth()`, whose time grows
 * with the square of the number of charts.
 */
export function render(delivery: Delivery): readonly RenderedFile[] {
  const app = new App();
  delivery.charts(app);
  const file = (name: string, content: readonly object[], manifests: readonly Manifest[]) => ({
    path: delivery.folder === '' ? name : `${delivery.folder}/${name}`,
    text: `# ${MARK}\n${Yaml.stringify(...content)}`,
    manifests,
  });
  return [
    ...app.charts.map((chart) => {
      const manifests = objectsOf(chart);
      return file(`${chart.node.id}.k8s.yaml`, manifests, manifests);
    }),
    ...Object.entries(delivery.files ?? {}).map(([name, content]) => file(name, [content], [])),
  ];
}

function objectsOf(chart: Chart): Manifest[] {
  return chart.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
    .map((object) => object.toJson() as Manifest);
}
