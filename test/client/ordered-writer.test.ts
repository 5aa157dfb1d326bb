import headless from '@xterm/headless';
import { OrderedWriter } from '../../service/client/terminal/ordered-writer.js';

describe('the terminal', () => {
  it('parses output at the size it was written for, although xterm parses late and resizes at once', async () => {
    const terminal = new headless.Terminal({ cols: 10, rows: 4, allowProposedApi: true });
    const writer = new OrderedWriter(terminal);
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      writer.write(Buffer.from('0123456789abc\r\n'), () => order.push('narrow'));
      writer.then(() => {
        order.push('resize');
        terminal.resize(20, 4);
      });
      writer.write(Buffer.from('wide enough for it'), () => order.push('wide'));
      writer.then(() => {
        order.push('reset');
        terminal.reset();
      });
      writer.write(Buffer.from('end'), () => {
        order.push('end');
        resolve();
      });
    });
    expect(order).toEqual(['narrow', 'resize', 'wide', 'reset', 'end']);
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('end');
  });
});
