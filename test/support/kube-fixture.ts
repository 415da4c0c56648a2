import { afterEach, beforeEach, vi } from "vitest";

import { connect, type KubeClient, type KubeError } from "../../src/kube/index.ts";
import { type FakeApiServer, startFakeApiServer } from "./fake-api-server.ts";

/** A fake API server with a client for it, new for each test. */
export interface KubeFixture {
  readonly server: FakeApiServer;
  readonly client: KubeClient;
  /** What was handed to `onTrouble`. */
  readonly troubles: KubeError[];
  readonly onTrouble: (error: KubeError) => void;
  /** Stopped after the test, before the server is. */
  readonly stopLater: <T extends { readonly stop: () => void }>(running: T) => T;
}

/** Pauses short enough for a test. */
export const FAST_TIMING = { firstPauseMs: 10, longestPauseMs: 50, goodLifeMs: 1000 };

/** A fixture for each test of a file; a test during which a rejection was left unhandled fails. */
export function useKubeFixture(): () => KubeFixture {
  let fixture: KubeFixture;
  const running: { readonly stop: () => void }[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  beforeEach(async () => {
    const server = await startFakeApiServer();
    const troubles: KubeError[] = [];
    fixture = {
      server,
      client: connect({ kubeconfig: server.kubeconfig }),
      troubles,
      onTrouble: (error) => void troubles.push(error),
      stopLater(each) {
        running.push(each);
        return each;
      },
    };
    unhandled.length = 0;
    process.on("unhandledRejection", onUnhandled);
  });
  afterEach(async () => {
    for (const each of running.splice(0)) each.stop();
    await fixture.client.close();
    await fixture.server.close();
    process.off("unhandledRejection", onUnhandled);
    if (unhandled.length > 0) throw new Error("a rejection was not handled", { cause: unhandled[0] });
  });
  return () => fixture;
}

/** Waits until an assertion holds. */
export async function soon(assertion: () => void): Promise<void> {
  await vi.waitFor(assertion, { timeout: 30_000, interval: 5 });
}
