import { PocketStage } from './pocket-stage.js';
import type { Stage } from './stage.js';
import { terminalStories } from './terminal-stories.js';

describe('a terminal on the pocket cluster', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await PocketStage.open();
  });

  afterAll(() => stage.stop());

  terminalStories(() => stage);
});
