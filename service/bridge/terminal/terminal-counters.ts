/** Running totals of the terminal edge, in bytes and counts. They say how much, never what. */
export class TerminalCounters {
  bytesToViewers = 0;
  bytesFromViewers = 0;
  /** Accepted for all viewers and not yet given to the network. */
  undelivered = 0;
  /** The most that ever waited for one viewer. */
  undeliveredPeak = 0;
  execsOpened = 0;
  execsRefused = 0;

  accepted(size: number, waitingForViewer: number): void {
    this.undelivered += size;
    this.undeliveredPeak = Math.max(this.undeliveredPeak, waitingForViewer);
  }

  delivered(size: number): void {
    this.undelivered -= size;
    this.bytesToViewers += size;
  }
}
