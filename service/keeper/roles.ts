/** What the roles need to know of a viewer that is attached. */
export interface Member {
  readonly viewer: string;
  readonly wantsToWrite: boolean;
  /** The output it has acknowledged. */
  readonly acked: number;
}

/** The place of a writer that was lost: nothing behind `acked` is overwritten until `until`. */
export interface Claim {
  readonly viewer: string;
  readonly acked: number;
  readonly until: number;
}

/** Who is attached, and which one of them may type. */
export class Roles<M extends Member> {
  private readonly members = new Set<M>();
  private current: M | undefined;
  private held: Claim | undefined;

  /** `hold`: milliseconds that a lost writer's place is kept. */
  constructor(
    private readonly hold: number,
    private readonly now: () => number,
  ) {}

  get writer(): M | undefined {
    return this.current;
  }

  get claim(): Claim | undefined {
    return this.held;
  }

  get all(): readonly M[] {
    return [...this.members];
  }

  get size(): number {
    return this.members.size;
  }

  /** Attached as `viewer` at present. */
  find(viewer: string): M | undefined {
    return this.all.find((member) => member.viewer === viewer);
  }

  /** A newcomer writes if it wants to and nobody connected does: a claim holds only against those who were here before. */
  join(member: M): void {
    this.members.add(member);
    if (this.current !== undefined || !member.wantsToWrite) return;
    this.current = member;
    this.held = undefined;
  }

  /** `isReplaced`: the same viewer attaches again at once, so there is nothing to hold. */
  leave(member: M, isReplaced = false): void {
    this.members.delete(member);
    if (this.current !== member) return;
    this.current = undefined;
    if (!isReplaced) this.held = { viewer: member.viewer, acked: member.acked, until: this.now() + this.hold };
  }

  /** The former writer, if it was another one. */
  take(member: M): M | undefined {
    const former = this.current;
    this.current = member;
    this.held = undefined;
    return former === member ? undefined : former;
  }

  /** Ends a claim that has run out; answers who writes now in its place: whoever has wanted to for longest. */
  expire(): { readonly writer: M | undefined } | undefined {
    if (this.held === undefined || this.now() < this.held.until) return undefined;
    this.held = undefined;
    this.current = this.all.find((member) => member.wantsToWrite);
    return { writer: this.current };
  }
}
