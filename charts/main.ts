import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-30';
import { VERSION } from './x.js';
const app = new App();
new k8s.KubeNamespace(new Chart(app, 'x'), 'a', {});
console.log(app.synthYaml(), VERSION);
