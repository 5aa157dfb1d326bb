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
  return app.charts.map((chart) => {
    const manifests = objectsOf(chart);
    const name = `${chart.node.id}.k8s.yaml`;
    return {
      path: delivery.folder === '' ? name : `${delivery.folder}/${name}`,
      text: `# ${MARK}\n${Yaml.stringify(...manifests)}`,
      manifests,
    };
  });
}

function objectsOf(chart: Chart): Manifest[] {
  return chart.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
    .map((object) => object.toJson() as Manifest);
}
