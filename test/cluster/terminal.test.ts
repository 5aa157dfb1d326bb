import type { Stage } from '../stories/stage.js';
import { terminalStories } from '../stories/terminal-stories.js';
import { ClusterStage } from './cluster-stage.js';

describe('a terminal on a real cluster', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await ClusterStage.open();
  });

  afterAll(() => stage.stop());

  terminalStories(() => stage);
});
