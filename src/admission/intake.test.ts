import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { GrowingBuffer } from "../core/index.ts";
import { createIntake } from "./intake.ts";

const KIB = 1024;
const PART = Buffer.alloc(50 * KIB, "x");

describe("bodies on their way", () => {
  it("hold nothing but their head once they gave way, however much still comes", async () => {
    const intake = createIntake(64 * KIB);
    const [old, fresh] = [new PassThrough(), new PassThrough()];
    const taken = [intake(old), intake(fresh)];
    await write(old, 2);
    await write(fresh, 2);
    await write(old, 20);
    old.end();
    fresh.end();
    const [first, second] = await Promise.all(taken);
    expect([first!.unread?.code, second!.unread]).toEqual(["limits/overloaded", undefined]);
    expect([first!.bytes.length, second!.bytes.length]).toEqual([8 * KIB, 100 * KIB]);
    expect((await intake(ended(100 * KIB))).unread).toBeUndefined();
  });

  it.each([
    [7 * KIB, undefined, 7 * KIB * KIB],
    [7 * KIB + 1, "limits/exceeded", 8 * KIB],
    [32 * KIB, "limits/exceeded", 8 * KIB],
  ])("of %s KiB are unread because of %s, and %s bytes of them are kept", async (kib, code, kept) => {
    const { bytes, unread } = await createIntake(64 * KIB * KIB)(ended(kib * KIB));
    expect([unread?.code, bytes.length]).toEqual([code, kept]);
  });

  it("are not read to their end past 32 MiB", async () => {
    const intake = createIntake(64 * KIB * KIB);
    await expect(intake(ended(32 * KIB * KIB + 1))).rejects.toMatchObject({ statusCode: 413 });
  });

  it("give back what they held where they break off", async () => {
    const intake = createIntake(64 * KIB);
    const broken = new PassThrough();
    const taken = intake(broken);
    await write(broken, 2);
    broken.destroy(new Error("gone"));
    await expect(taken).rejects.toThrow("gone");
    expect((await intake(ended(120 * KIB), 120 * KIB)).unread).toBeUndefined();
  });
});

describe("bytes that come one by one", () => {
  it.each([
    ["of no stated length", undefined, 2 * 300 * KIB],
    ["of a stated length", 300 * KIB, 300 * KIB],
  ])("%s take at most so much memory", (_, declared, most) => {
    const buffer = new GrowingBuffer(declared, 64 * KIB);
    for (let at = 0; at < 300 * KIB; at += 1) buffer.append(Uint8Array.of(at));
    expect(buffer.bytes).toEqual(Buffer.from(Array.from({ length: 300 * KIB }, (_each, at) => at)));
    expect(buffer.bytes.buffer.byteLength).toBeLessThanOrEqual(most);
  });

  it("take no memory for a length that is only promised", () => {
    expect(new GrowingBuffer(7 * KIB * KIB, 64 * KIB).bytes.buffer.byteLength).toBeLessThanOrEqual(64 * KIB);
  });
});

async function write(stream: PassThrough, parts: number): Promise<void> {
  for (let at = 0; at < parts; at += 1) {
    stream.write(PART);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function ended(size: number): PassThrough {
  return new PassThrough().end(Buffer.alloc(size));
}
