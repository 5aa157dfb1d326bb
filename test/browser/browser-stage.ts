import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { PocketStage, type PocketStageProps } from '../stories/pocket-stage.js';
import { launchChromium } from './chromium.js';
import { NodeAddress } from './node-address.js';
import { Tab } from './tab.js';

/** Milliseconds that a page may take for a step, on a machine that has much else to do. */
const PATIENCE = 60_000;

/** Where a browser finds Berth: on its own machine, which browsers trust, or in the clear at a node, which they do not. */
export const PLACES = ['127.0.0.1', 'a node address over plain HTTP'] as const;
export type Place = (typeof PLACES)[number];

export interface BrowserStageProps extends PocketStageProps {
  /** @default '127.0.0.1' */
  readonly place?: Place;
}

/** The whole stack with a Chromium in front: pocket cluster, one bridge, and the address that people open. */
export class BrowserStage {
  private readonly visits = new Set<Visit>();

  private constructor(
    readonly pocket: PocketStage,
    private readonly browser: Browser,
    private readonly node: NodeAddress | undefined,
    /** What people open; ends without a slash. */
    readonly url: string,
  ) {}

  static async open({ place = '127.0.0.1', ...props }: BrowserStageProps = {}): Promise<BrowserStage> {
    const pocket = await PocketStage.open({ replicas: 1, ...props });
    const { origin, port } = new URL(pocket.urls[0]!);
    const node = place === '127.0.0.1' ? undefined : await NodeAddress.open(Number(port));
    const browser = await launchChromium(node?.chromium);
    return new BrowserStage(pocket, browser, node, (node?.url ?? origin) + (props.environment?.['BASE_PATH'] ?? ''));
  }

  /** A browser without history, with one tab, which shows nothing yet. */
  async visit(options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 700 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    const visit = new Visit(context, this.url, await Tab.open(context, this.url));
    this.visits.add(visit);
    return visit;
  }

  /** The same, logged in. */
  async logIn(user: 'alice' | 'bob' = 'alice', options?: BrowserContextOptions): Promise<Visit> {
    const visit = await this.visit(options);
    await visit.tab.logIn(this.pocket.tokens[user]);
    return visit;
  }

  /** Closes what was visited. @returns what the pages complained about */
  async leave(): Promise<string[]> {
    const visits = [...this.visits];
    this.visits.clear();
    await Promise.all(visits.map((visit) => visit.context.close()));
    return visits.flatMap((visit) => visit.complaints);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.node?.close();
    await this.pocket.stop();
  }
}

/** One person's browser. */
export class Visit {
  private readonly tabs: Tab[];

  constructor(
    readonly context: BrowserContext,
    private readonly url: string,
    readonly tab: Tab,
  ) {
    this.tabs = [tab];
  }

  get complaints(): string[] {
    return this.tabs.flatMap((tab) => tab.complaints);
  }

  async newTab(): Promise<Tab> {
    const tab = await Tab.open(this.context, this.url);
    this.tabs.push(tab);
    return tab;
  }

  /** Another tab on the session of the first. */
  async secondTab(): Promise<Tab> {
    const second = await this.newTab();
    await second.page.goto(this.tab.page.url());
    await second.attached();
    return second;
  }
}
