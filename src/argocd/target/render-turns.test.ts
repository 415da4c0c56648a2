import { describe, expect, it } from "vitest";

import { type RenderLimits, RenderTurns } from "./render-turns.ts";

interface World {
  /** Asks for a turn; its name is started, done or refused later. */
  readonly ask: (name: string, signal?: AbortSignal) => void;
  /** Ends the render that has run longest. */
  readonly finish: () => Promise<void>;
  readonly started: string[];
  readonly refused: string[];
  readonly counts: number[];
  readonly most: () => number;
}

/** The share of a name is its first letter. */
function startWorld(limits: RenderLimits): World {
  const counts: number[] = [];
  const turns = new RenderTurns(limits, (count) => counts.push(count));
  const ends: (() => void)[] = [];
  const [started, refused]: string[][] = [[], []];
  let running = 0;
  let most = 0;
  const render = async (name: string): Promise<void> => {
    started!.push(name);
    running += 1;
    most = Math.max(most, running);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    await promise;
    running -= 1;
  };
  return {
    ask: (name, signal) => {
      turns
        .run(name[0]!, () => render(name), signal)
        .catch((error: { code: string }) => refused!.push(`${name} ${error.code}`));
    },
    finish: async () => {
      ends.shift()?.();
      for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    },
    started: started!,
    refused: refused!,
    counts,
    most: () => most,
  };
}

describe("turns to render", () => {
  it("let 50 of one project wait, and render them all, 24 at once", async () => {
    const { ask, finish, started, refused, most, counts } = startWorld({ running: 64, waiting: 1024 });
    for (let at = 0; at < 50; at += 1) ask(`a${at}`);
    for (let at = 0; at < 50; at += 1) await finish();
    expect([started.length, refused, most()]).toEqual([50, [], 24]);
    expect([Math.max(...counts), counts.at(-1)]).toEqual([26, 0]);
  });

  it("leave room for a project that comes while another has taken all that it may", () => {
    const { ask, started } = startWorld({ running: 8, waiting: 100 });
    for (let at = 0; at < 20; at += 1) ask(`a${at}`);
    ask("b0");
    expect(started).toEqual(["a0", "a1", "a2", "b0"]);
  });

  it("come to projects one after the other, the oldest of each first", async () => {
    const { ask, finish, started } = startWorld({ running: 1, waiting: 100 });
    for (const name of ["a0", "a1", "a2", "b0", "c0", "b1"]) ask(name);
    for (let at = 0; at < 6; at += 1) await finish();
    expect(started).toEqual(["a0", "a1", "b0", "c0", "a2", "b1"]);
  });

  it("are refused where a project fills its share of those that wait, and only for that", async () => {
    const { ask, finish, started, refused } = startWorld({ running: 1, waiting: 8 });
    for (const name of ["a0", "a1", "a2", "a3", "a4", "b0"]) ask(name);
    await finish();
    expect(refused).toEqual(["a4 limits/overloaded"]);
    for (let at = 0; at < 5; at += 1) await finish();
    expect(started).toHaveLength(5);
  });

  it("are given up by who no longer waits, and taken by the next", async () => {
    const { ask, finish, started, refused, counts } = startWorld({ running: 1, waiting: 8 });
    const gone = new AbortController();
    ask("a0");
    ask("a1", gone.signal);
    ask("a2");
    gone.abort();
    await finish();
    expect([started, refused, counts]).toEqual([["a0", "a2"], ["a1 deadline/exceeded"], [1, 2, 1, 0]]);
  });

  it("are not waited for by who was late before asking", async () => {
    const { ask, finish, started, refused, counts } = startWorld({ running: 1, waiting: 8 });
    ask("a0");
    ask("a1", AbortSignal.abort());
    await finish();
    expect([started, refused, counts]).toEqual([["a0"], ["a1 deadline/exceeded"], [1, 0]]);
  });

  it("go on after a render that fails", async () => {
    const turns = new RenderTurns({ running: 1, waiting: 8 }, () => undefined);
    const failing = turns.run("a", () => Promise.reject(new Error("no")));
    const next = turns.run("a", () => Promise.resolve("rendered"));
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("rendered");
  });
});
