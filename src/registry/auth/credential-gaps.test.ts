import { describe, expect, it } from "vitest";

import {
  type AttachmentBatch,
  type Attachments,
  digestOf,
  Fault,
  type FaultCode,
  type Gap,
} from "../../core/index.ts";
import { createCredentialGaps, sureAnswer, withCredentialGaps } from "./credential-gaps.ts";

const UNREAD = { kind: "unread", code: "registry/unavailable", message: "Secret a/b was not read" } as const;
const GAP: Gap = {
  code: "registry/unavailable",
  message: "ghcr.io asks for credentials, and Secret a/b was not read",
  about: "place",
  count: 1,
};
const NOTHING: Attachments = {
  subject: digestOf(Buffer.from("image")),
  found: [],
  gaps: [],
  skipped: [],
  searched: [],
};

function gapsWith(...unread: Parameters<ReturnType<typeof createCredentialGaps>["note"]>[0][]) {
  const gaps = createCredentialGaps("ghcr.io");
  for (const each of unread) gaps.note(each);
  return gaps;
}

describe("gaps of credentials", () => {
  it("one that is noted twice: one gap about a place, which older evidence may cover", () => {
    expect(withCredentialGaps(NOTHING, gapsWith(UNREAD, UNREAD)).gaps).toEqual([GAP]);
  });

  it("more gaps than are kept: those of credentials are kept as they are", () => {
    const gaps = Array.from({ length: 80 }, (_, at): Gap => ({
      code: "registry/invalid",
      message: `m${at}`,
      count: 1,
    }));
    expect(withCredentialGaps({ ...NOTHING, gaps }, gapsWith(UNREAD)).gaps[0]).toEqual(GAP);
  });

  it("one that is noted while the rest is read: with the batch that was read then, and once", async () => {
    const noted = gapsWith();
    async function* rest(): AsyncGenerator<AttachmentBatch> {
      yield { found: [], gaps: [], skipped: [] };
      noted.note(UNREAD);
      yield { found: [], gaps: [], skipped: [] };
      yield { found: [], gaps: [], skipped: [] };
    }
    const attachments = withCredentialGaps({ ...NOTHING, rest: rest() }, noted);
    const read: (readonly Gap[])[] = [attachments.gaps];
    for await (const { gaps } of attachments.rest ?? []) read.push(gaps);
    expect(read).toEqual([[], [], [GAP], []]);
  });

  it.each<[FaultCode, FaultCode]>([
    ["registry/forbidden", "registry/unavailable"],
    ["registry/rate-limited", "registry/rate-limited"],
    ["deadline/exceeded", "deadline/exceeded"],
  ])("a registry that ends with %s: %s", async (code, expected) => {
    const asking = Promise.reject(new Fault(code, "ghcr.io answers HTTP 401"));
    const sure = sureAnswer(asking, gapsWith(UNREAD), () => true);
    await expect(sure).rejects.toMatchObject({ code: expected });
    await expect(sure).rejects.toThrow(/ghcr.io answers HTTP 401$/);
  });

  it("without any: the answer, and the fault, as they are", async () => {
    expect(await sureAnswer(Promise.resolve(undefined), gapsWith(), () => false)).toBeUndefined();
    const asking = Promise.reject(new Fault("registry/forbidden", "no"));
    await expect(sureAnswer(asking, gapsWith(), () => true)).rejects.toMatchObject({
      code: "registry/forbidden",
    });
  });
});
