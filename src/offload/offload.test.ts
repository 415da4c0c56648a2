import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

import type { TaskTable } from "./messages.ts";
import { createOffload, type Offload, type OffloadOptions } from "./offload.ts";

/** What the thread of these tests can do. */
interface Tasks extends TaskTable {
  readonly add: (a: number, b: number) => number;
  readonly size: (bytes: Uint8Array) => number;
  readonly count: (texts: readonly string[]) => number;
  readonly throws: (code: string) => never;
  /** Sets the first of the numbers as it begins, and never ends. */
  readonly spins: (begun: Int32Array) => never;
  readonly exits: () => never;
  readonly fills: () => never;
  readonly function: () => unknown;
  readonly threadId: () => number;
}

const SERVE = new URL("./serve-tasks.ts", import.meta.url).href;
const CORE = new URL("../core/index.ts", import.meta.url).href;
const SOURCE = `
  import { parentPort, threadId } from "node:worker_threads";
  import { serveTasks } from ${JSON.stringify(SERVE)};
  import { Fault } from ${JSON.stringify(CORE)};
  serveTasks({
    add: (a, b) => a + b,
    size: (bytes) => bytes.byteLength,
    count: (texts) => texts.length,
    throws: (code) => { throw code === "" ? new TypeError("odd") : new Fault(code, "as it says"); },
    spins: (begun) => { Atomics.store(begun, 0, 1); for (;;); },
    exits: () => process.exit(0),
    fills: () => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); },
    function: () => () => 1,
    threadId: () => threadId,
  }, parentPort);`;
const SCRIPT = new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}`);

/** A thread takes some 11 MiB to start, and more where the machine is busy and collects its garbage late. */
const HEAP_MIB = 64;

/** For tests that leave the thread as it was: each start takes longer than all their tasks. */
const usual = createOffload<Tasks>(optionsWith());
afterAll(usual.close);
const open: Offload<Tasks>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function offload(options: Partial<OffloadOptions> = {}): Offload<Tasks> {
  const made = createOffload<Tasks>(optionsWith(options));
  open.push(made);
  return made;
}

function optionsWith(options: Partial<OffloadOptions> = {}): OffloadOptions {
  return { script: SCRIPT, limitMs: 60_000, heapMib: HEAP_MIB, maxBytes: 1000, restMs: 60_000, ...options };
}

describe("work in another thread", () => {
  it("a task's result comes back", async () => {
    expect(await usual.run("add", 1, 2)).toBe(3);
  });

  it.each([
    ["limits/exceeded", { code: "limits/exceeded", message: "as it says" }],
    ["", { code: "internal/unexpected", message: "TypeError: odd" }],
  ])("a throw of %j is a fault", async (code, fault) => {
    const failing = usual.run("throws", code);
    await expect(failing).rejects.toMatchObject({ name: "Fault", ...fault });
  });

  it("a task that takes longer than the limit is a fault, and the next one is done", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const thread = offload({ limitMs: 4000 });
      const begun = new Int32Array(new SharedArrayBuffer(4));
      const failing = thread.run("spins", begun);
      const next = thread.run("add", 1, 2);
      await expect.poll(() => begun[0]).toBe(1);
      vi.advanceTimersByTime(4000);
      await expect(failing).rejects.toMatchObject({
        code: "limits/exceeded",
        message: expect.stringContaining("was not done within 4000 ms"),
      });
      expect(await next).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ["exits", "ended its thread"],
    ["fills", "exceeded its memory limit"],
  ] as const)("a task that %s is a fault, and the next one is done", async (name, message) => {
    const thread = offload();
    const failing = thread.run(name);
    const next = thread.run("add", 1, 2);
    await expect(failing).rejects.toMatchObject({ code: "limits/exceeded" });
    await expect(failing).rejects.toThrow(message);
    expect(await next).toBe(3);
  });

  it("a result that cannot be copied is a fault, and the next one is done", async () => {
    await expect(usual.run("function")).rejects.toMatchObject({ code: "internal/unexpected" });
    expect(await usual.run("add", 1, 2)).toBe(3);
  });

  it("more bytes than the limit: limits/overloaded, until the earlier ones are read", async () => {
    const bytes = new Uint8Array(400);
    const taken = [usual.run("size", bytes), usual.run("size", bytes)];
    await expect(usual.run("size", bytes)).rejects.toMatchObject({ code: "limits/overloaded" });
    expect(await usual.run("add", 1, 2)).toBe(3); // another kind of task has room of its own
    expect(await Promise.all(taken)).toEqual([400, 400]);
    expect(await usual.run("size", bytes)).toBe(400);
  });

  it("texts in a list count towards the limit of bytes", async () => {
    const texts = ["x".repeat(600), "x".repeat(600)];
    await expect(usual.run("count", texts)).rejects.toMatchObject({ code: "limits/overloaded" });
    expect(await usual.run("count", texts.slice(1))).toBe(1);
  });

  it("a task of another kind does not wait for all of the first kind", async () => {
    const done: string[] = [];
    const tasks = ["a", "b", "c"].map(async (name) => {
      await usual.run("size", new Uint8Array(1));
      done.push(name);
    });
    tasks.push(usual.run("add", 1, 2).then(() => void done.push("other")));
    await Promise.all(tasks);
    expect(done).toEqual(["a", "b", "other", "c"]);
  });

  it("tasks of one kind by two namespaces take turns", async () => {
    const done: string[] = [];
    const task = async (share: string, name: string): Promise<void> => {
      await usual.runFor(share, "size", new Uint8Array(1));
      done.push(name);
    };
    await Promise.all([
      ...["a1", "a2", "a3"].map((name) => task("a", name)),
      ...["b1", "b2"].map((name) => task("b", name)),
    ]);
    expect(done).toEqual(["a1", "a2", "b1", "a3", "b2"]);
  });

  it("a namespace past its share is refused, and another one is served", async () => {
    const bytes = new Uint8Array(200);
    const many = Array.from({ length: 4 }, () => usual.runFor("a", "size", bytes));
    const refused = many.map((each) => each.then(String, ({ code }: { code: string }) => code));
    expect(await usual.runFor("b", "size", bytes)).toBe(200);
    expect(await Promise.all(refused)).toEqual(["200", "200", "limits/overloaded", "limits/overloaded"]);
    expect(await usual.runFor("a", "size", bytes)).toBe(200);
  });

  it("a thread that cannot start: limits/overloaded for each task", async () => {
    const thread = offload({ script: new URL("https://not.a.file/") });
    await expect(thread.run("add", 1, 2)).rejects.toMatchObject({ code: "limits/overloaded" });
    await expect(thread.run("add", 1, 2)).rejects.toMatchObject({ code: "limits/overloaded" });
  });

  it("close rejects the task that runs and those that wait", async () => {
    const thread = offload();
    const tasks = [thread.run("spins", new Int32Array(1)), thread.run("add", 1, 2)];
    const settled = Promise.allSettled(tasks);
    await thread.close();
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("the next task after the idle time runs in a new thread", async () => {
    const thread = offload({ restMs: 1 });
    const first = await thread.run("threadId");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await thread.run("threadId")).not.toBe(first);
  });
});
