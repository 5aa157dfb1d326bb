/** A terminal that somebody has opened at a contender: bytes both ways, and what the screen has drawn. */
export interface Terminal {
  type(input: string): void;
  /** The screen has drawn so many more bytes. Contenders without flow control ignore it. */
  acknowledge(bytes: number): void;
  /** Stops reading from the network, or reads on. */
  stall(stalled: boolean): void;
  /** Leaves, and ends the shell where the contender can. */
  close(): Promise<void>;
}

/** Takes each piece of output as it arrives from the network. */
export type Output = (bytes: Uint8Array) => void;

/** Memory of the process between browser and shell, in bytes. */
export interface Memory {
  readonly rss: number;
  /** JavaScript objects and buffers that are in use. @default none: the process is not Node */
  readonly live?: number | undefined;
}

/** A way to have a terminal in the browser: Berth or a peer, all seen through the same few calls. */
export interface Contender {
  readonly name: string;
  /** Opens a new shell; the promise settles when it may be typed to. */
  open(output: Output): Promise<Terminal>;
  /** The network loses `lost`, and the page comes back as its own code does. */
  comeBack(lost: Terminal, output: Output): Promise<Terminal>;
  /** `settled`: after a garbage collection. @default none: the process cannot be looked into */
  memory?(settled: boolean): Promise<Memory>;
  stop(): Promise<void>;
}

/** A contender that does not run here, and why. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}
