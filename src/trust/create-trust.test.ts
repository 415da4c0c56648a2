import { describe, expect, it } from "vitest";

import { createSigstore } from "../../test/support/sigstore.ts";
import { createTrust } from "./create-trust.ts";
import type { Needs, RootSource } from "./ports.ts";
import { seedText } from "./public-good.ts";

const minted = JSON.stringify((await createSigstore()).trustedRoot);
const strict = {
  transparencyLogNotRequiredUnsafe: false,
  certificateTransparencyNotRequiredUnsafe: false,
};

function setUp(files: Record<string, string> = {}) {
  const problems: string[] = [];
  const clock = { now: 1_000_000 };
  const trust = createTrust({
    readFile: (path) => {
      if (files[path] === undefined) throw new Error(`no file ${path}`);
      return files[path];
    },
    publicGood: () => ({ text: seedText(), since: new Date(0) }),
    now: () => new Date(clock.now),
    onProblem: (root, message) => problems.push(`${root}: ${message}`),
  });
  return { trust, problems, clock, files };
}

function needs(roots: Record<string, RootSource>): Needs {
  return { roots: new Map(Object.entries(roots)), keys: [], missingKeys: [] };
}

describe("trust", () => {
  it("knows nothing before a policy said what it needs", () => {
    expect(() => setUp().trust.snapshot()).toThrow(expect.objectContaining({ code: "trust/unavailable" }));
  });

  it("starts the public-good instance from its seed, without a network", () => {
    const { trust } = setUp();
    trust.use(needs({ pg: { source: "publicGood" } }));
    expect(trust.snapshot().roots).toMatchObject([{ name: "pg", tlogThreshold: 1, ctlogThreshold: 1 }]);
    expect(trust.ages()).toEqual([{ source: "publicGood", seconds: 1000 }]);
  });

  it("asks neither log nor certificate transparency of GitHub's own instance, and only of it", () => {
    const unlogged = JSON.stringify({ ...JSON.parse(minted), tlogs: [], ctlogs: [] });
    const { trust } = setUp({ "/gh.json": unlogged, "/public.json": minted, "/corp.json": minted });
    trust.use(
      needs({
        gh: { source: "github", path: "/gh.json" },
        misnamed: { source: "github", path: "/public.json" },
        corp: { source: "file", path: "/corp.json", ...strict },
      }),
    );
    expect(trust.snapshot().roots).toMatchObject([
      { name: "gh", tlogThreshold: 0, ctlogThreshold: 0 },
      { name: "misnamed", tlogThreshold: 1, ctlogThreshold: 1 },
      { name: "corp", tlogThreshold: 1, ctlogThreshold: 1 },
    ]);
  });

  it("asks no log of GitHub's own instance where its root says null instead of an empty list", () => {
    const nulls = JSON.stringify({ ...JSON.parse(minted), tlogs: null, ctlogs: null });
    const { trust, problems } = setUp({ "/gh.json": nulls });
    trust.use(needs({ gh: { source: "github", path: "/gh.json" } }));
    expect(problems).toEqual([]);
    expect(trust.snapshot().roots).toMatchObject([{ name: "gh", tlogThreshold: 0, ctlogThreshold: 0 }]);
  });

  it("is unavailable as a whole while one root that the policy names is missing", () => {
    const { trust, problems, files } = setUp({ "/a.json": minted });
    const a = { source: "file", path: "/a.json", ...strict } as const;
    trust.use(needs({ a, b: { source: "file", path: "/b.json", ...strict } }));
    expect(() => trust.snapshot()).toThrow(
      expect.objectContaining({ code: "trust/unavailable", message: expect.stringContaining("b") }),
    );
    expect(problems).toEqual(["b: no file /b.json"]);
    files["/b.json"] = minted;
    trust.refresh();
    expect(trust.snapshot().roots).toHaveLength(2);
  });

  it("keeps the last good material when a file goes bad, and says so", () => {
    const { trust, problems, files } = setUp({ "/a.json": minted });
    trust.use(needs({ a: { source: "file", path: "/a.json", ...strict } }));
    const before = trust.snapshot();
    files["/a.json"] = "{}";
    trust.refresh();
    expect(trust.snapshot()).toEqual(before);
    expect(problems).toHaveLength(1);
  });

  it("changes its generation with the material, and only with it", () => {
    const { trust, files } = setUp({ "/a.json": minted });
    trust.use(needs({ a: { source: "file", path: "/a.json", ...strict } }));
    const { generation } = trust.snapshot();
    trust.refresh();
    expect(trust.snapshot().generation).toBe(generation);
    files["/a.json"] = seedText();
    trust.refresh();
    expect(trust.snapshot().generation).not.toBe(generation);
  });
});
