import { describe, expect, it } from "vitest";

import { evidenceWorld, IMAGE, QUERY, settled } from "../../../test/support/evidence-world.ts";
import { ByteBudget } from "./byte-budget.ts";
import { createEvidenceStore } from "./evidence-store.ts";

/** Small ones have at most 10 bytes. */
const LIMITS = { atOnce: 80, always: 2 };

/** Takes room for a namespace, and notes when it has it. Nothing is awaited, so that a wait that never ends is seen. */
function asking() {
  const room = new ByteBudget(LIMITS);
  const begun: string[] = [];
  const faults: unknown[] = [];
  const take = async (namespace: string, bytes: number, signal = new AbortController().signal) => {
    let giveBack: (() => void) | undefined;
    const wait = async (): Promise<void> => {
      try {
        giveBack = await room.take(bytes, { namespace, signal });
        begun.push(`${namespace} ${bytes}`);
      } catch (error) {
        faults.push(error);
      }
    };
    void wait();
    await settled();
    return () => giveBack?.();
  };
  return { begun, faults, take };
}

const OVERLOADED = expect.objectContaining({
  code: "limits/overloaded",
  message: expect.stringContaining("evidence.attachmentsMib"),
});

describe("room for attachments", () => {
  it("is given to namespaces one after the other, not to all wishes of the one that came first", async () => {
    const { begun, take } = asking();
    const held = [await take("greedy", 60)];
    for (const bytes of [61, 62, 63]) held.push(await take("greedy", bytes));
    await take("other", 64);
    for (const [nth, expected] of [
      [0, "greedy 61"],
      [1, "other 64"],
    ] as const) {
      held[nth]!();
      await settled();
      expect(begun.at(-1)).toBe(expected);
    }
  });

  it("of small ones is three eighths for one namespace alone, and others have theirs beside it at once", async () => {
    const { begun, take } = asking();
    for (const _ of [1, 2, 3, 4, 5]) await take("greedy", 10);
    expect(begun).toHaveLength(3);
    await take("other", 10);
    expect(begun.at(-1)).toBe("other 10");
  });

  it("is waited for by whoever holds none, without smaller wishes that overtake for ever", async () => {
    const { begun, take } = asking();
    const giveBack = await take("a", 60);
    await take("b", 50);
    await take("c", 20);
    expect(begun).toEqual(["a 60"]); // c would fit, and b would never have its turn
    giveBack();
    await settled();
    expect(begun).toEqual(["a 60", "b 50", "c 20"]);
  });

  it("for small ones does not wait for large ones of others", async () => {
    const { begun, take } = asking();
    await take("large", 80);
    await take("larger", 81);
    await take("large", 80);
    await take("small", 10);
    expect(begun).toEqual(["large 80", "larger 81", "small 10"]);
  });

  it("is never waited for by the smallest", async () => {
    const { begun, take } = asking();
    await take("a", 80);
    for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i"]) await take(name, 10);
    await take("new", 2);
    await take("new", 3);
    expect(begun.slice(-2)).toEqual(["h 10", "new 2"]);
  });

  it("is given to one at a time of those that are larger than all of it, by namespace in turn", async () => {
    const { begun, take } = asking();
    const first = await take("greedy", 1000);
    const second = await take("greedy", 81);
    await take("other", 81);
    await take("a", 80);
    expect(begun).toEqual(["greedy 1000", "a 80"]);
    first();
    await settled();
    second();
    await settled();
    expect(begun.slice(2)).toEqual(["greedy 81", "other 81"]);
  });

  it("is given back once, however often that is said", async () => {
    const { begun, take } = asking();
    const giveBack = await take("a", 60);
    await take("b", 60);
    giveBack();
    giveBack();
    await take("c", 60);
    expect(begun).toEqual(["a 60", "b 60"]);
  });

  it("is an overload that names its setting where it does not come in time, and those behind go on", async () => {
    const { begun, faults, take } = asking();
    const giveBack = await take("a", 50);
    const late = new AbortController();
    await take("b", 70, late.signal);
    await take("c", 30);
    late.abort();
    await settled();
    expect([begun, faults]).toEqual([["a 50", "c 30"], [OVERLOADED]]);
    giveBack();
    await take("d", 50);
    expect(begun.at(-1)).toBe("d 50");
  });

  it("is an overload where the time was over before", async () => {
    const { begun, faults, take } = asking();
    await take("a", 80);
    await take("b", 80, AbortSignal.abort());
    expect([begun, faults]).toEqual([["a 80"], [OVERLOADED]]);
  });

  it("is not lost where it comes in the moment in which the time ends", async () => {
    const { begun, take } = asking();
    const giveBack = await take("a", 80);
    const late = new AbortController();
    const second = await take("b", 80, late.signal);
    giveBack();
    late.abort();
    await settled();
    second();
    await take("c", 80);
    expect(begun.at(-1)).toBe("c 80");
  });
});

/** A store whose registry takes room for so many bytes one after the other, and then does what it is told. */
function storeTaking(
  sizes: readonly number[],
  read: (repository: string) => void,
  deps = evidenceWorld().deps,
) {
  const attachments: typeof deps.registry.attachments = async (image, access, wanted, signal) => {
    for (const bytes of sizes) await wanted.reserveBytes?.(bytes);
    read(image.repository);
    return deps.registry.attachments(image, access, wanted, signal);
  };
  const limits = { ...deps.limits, room: LIMITS };
  const store = createEvidenceStore({ ...deps, limits, registry: { ...deps.registry, attachments } });
  return (repository: string) => store.find({ ...QUERY, image: { ...IMAGE, repository } }, 1000);
}

describe("the evidence store", () => {
  it("holds the attachments of so many images at once, until they are verified", async () => {
    const { deps } = evidenceWorld();
    const steps: string[] = [];
    const verifying = Promise.withResolvers<void>();
    const verify: typeof deps.verify = async (...verified) => {
      await verifying.promise;
      return deps.verify(...verified);
    };
    const about = storeTaking([70], (repository) => steps.push(`reads ${repository}`), { ...deps, verify });
    const both = [about("a"), about("b")];
    await settled();
    expect(steps).toEqual(["reads a"]);
    verifying.resolve();
    await Promise.all(both);
    expect(steps).toEqual(["reads a", "reads b"]);
  });

  it("does not keep room where a registry gave nothing, nor while it asks for more", async () => {
    const about = storeTaking([70, 90], (repository) => {
      if (repository === "broken") throw new Error("broken");
    });
    await expect(about("broken")).rejects.toMatchObject({ code: "internal/unexpected" });
    await expect(Promise.all([about("a"), about("b")])).resolves.toHaveLength(2);
  });
});
