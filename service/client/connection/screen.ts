/** What the connection needs of a terminal. Calls take effect in the order in which they are made. */
export interface Screen {
  /** Forgets everything and takes this size. */
  reset(columns: number, rows: number): void;
  resize(columns: number, rows: number): void;
  /** `repeated`: a terminal's answers to it were given long ago and are not to be sent again. `done`: it is on the screen. */
  write(bytes: Uint8Array, repeated: boolean, done: () => void): void;
  /** The size that would fill the place the page gives it. */
  readonly wanted: { readonly columns: number; readonly rows: number };
}
