import { describe, expect, it } from "vitest";

import { evidenceWorld, IMAGE, QUERY, settled } from "../../test/support/evidence-world.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { Room } from "./room.ts";

const LIMITS = { atOnce: 100, always: 10 };

/** Takes room, and notes when it has it. */
function asking(room: Room) {
  const begun: string[] = [];
  const take = async (name: string, bytes: number, signal = new AbortController().signal) => {
    const giveBack = await room.take(bytes, signal);
    begun.push(name);
    return giveBack;
  };
  return { begun, take };
}

describe("room for attachments", () => {
  it("is given in the order of asking, as soon as there is enough", async () => {
    const { begun, take } = asking(new Room(LIMITS));
    const giveBack = await take("a", 60);
    void take("b", 50);
    void take("c", 40);
    await settled();
    expect(begun).toEqual(["a"]); // c would fit, and must not overtake b for ever
    giveBack();
    await settled();
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("is given back once, however often that is said", async () => {
    const { begun, take } = asking(new Room(LIMITS));
    const giveBack = await take("a", 60);
    void take("b", 60);
    giveBack();
    giveBack();
    void take("c", 60);
    await settled();
    expect(begun).toEqual(["a", "b"]);
  });

  it("never keeps small ones waiting", async () => {
    const { begun, take } = asking(new Room(LIMITS));
    await take("a", 100);
    await take("small", 10);
    void take("not small", 11);
    await settled();
    expect(begun).toEqual(["a", "small"]);
  });

  it("is given to one at a time of those that are larger than all of it, beside the others", async () => {
    const { begun, take } = asking(new Room(LIMITS));
    const giveBack = await take("larger than all", 1000);
    void take("larger, too", 101);
    await take("a", 100);
    await settled();
    expect(begun).toEqual(["larger than all", "a"]);
    giveBack();
    await settled();
    expect(begun).toContain("larger, too");
  });

  it("is a fault where it does not come in time, and those behind go on", async () => {
    const { begun, take } = asking(new Room(LIMITS));
    const giveBack = await take("a", 60);
    const late = new AbortController();
    const refused = take("b", 90, late.signal);
    void take("c", 40);
    late.abort();
    await expect(refused).rejects.toMatchObject({ code: "limits/overloaded" });
    await settled();
    expect(begun).toEqual(["a", "c"]);
    giveBack();
    await take("all of it", 60);
  });

  it("is not lost where it comes in the moment in which the time ends", async () => {
    const { take } = asking(new Room(LIMITS));
    const giveBack = await take("a", 100);
    const late = new AbortController();
    const refused = take("b", 100, late.signal);
    late.abort();
    giveBack();
    await expect(refused).rejects.toMatchObject({ code: "limits/overloaded" });
    await settled();
    await take("c", 100);
  });
});

/** A store whose registry takes room for so many bytes one after the other, and then does what it is told. */
function storeTaking(
  sizes: readonly number[],
  read: (repository: string) => void,
  deps = evidenceWorld().deps,
) {
  const attachments: typeof deps.registry.attachments = async (image, access, wanted, signal) => {
    for (const bytes of sizes) await wanted.takeRoom?.(bytes);
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
