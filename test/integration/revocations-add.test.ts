import { statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseRevocations } from "../../src/revocations/index.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const IDENTITY = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const DIGEST = `sha256:${"ab".repeat(32)}`;
const REASON = "The release token was read: somebody else has it.";
const BEFORE = `# who keeps this file: security
revocations:
  # the first one
  - id: R-1
    digest: sha256:${"cd".repeat(32)} # pushed by hand
    reason: |-
      It ships credentials
      - and a list that is none
    created: 2026-04-02T08:00:00Z

# a list of its own
nonPromotable: []
`;

describe("mc revocations add", { timeout: 60_000 }, () => {
  let registry: OciRegistry;
  let folder: McFolder;
  beforeAll(async () => {
    registry = await startOciRegistry();
    folder = mcFolder(registry);
  });
  afterAll(async () => {
    await registry.close();
    folder.remove();
  });

  const add = (...args: readonly string[]): ReturnType<McFolder["mc"]> => {
    const settings = ["--revocations", "r.yaml", "--registries", "registries.yaml"];
    return folder.mc(["revocations", "add", ...settings, "--reason", REASON, ...args]);
  };
  const signer = ["--issuer", ISSUER, "--identity", IDENTITY];
  const revoked = () => {
    const parsed = parseRevocations(folder.read("r.yaml"));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.value.entries;
  };

  it("puts an entry with its approvals at the end, and leaves every other line alone", async () => {
    folder.write("r.yaml", BEFORE);
    const approvals = [
      "--approve",
      "rita:release-manager:https://tickets.test/SEC-1",
      "--approve",
      "dev:devsecops",
    ];
    const from = ["--from", "2026-11-01T00:00:00Z", "--requested-by", "ana"];
    const { code, stdout } = await add("--id", "R-2", ...signer, ...from, ...approvals);
    expect([code, stdout]).toEqual([0, expect.stringContaining("- id: R-2")]);
    const [head, tail] = BEFORE.split("\n\n# a list of its own");
    const after = folder.read("r.yaml");
    expect(after.startsWith(`${head!}\n  - id: R-2\n`)).toBe(true);
    expect(after.endsWith(`\n\n# a list of its own${tail!}`)).toBe(true);
    expect(revoked()[1]).toMatchObject({
      id: "R-2",
      issuer: ISSUER,
      reason: REASON,
      requestedBy: "ana",
      from: new Date("2026-11-01T00:00:00Z"),
      approvals: [
        { by: "rita", seat: "release-manager", ref: "https://tickets.test/SEC-1" },
        { by: "dev", seat: "devsecops" },
      ],
    });
  });

  it.each([
    ["an empty list", "# mine\nrevocations: [] # none yet\nnonPromotable: []\n"],
    [
      "dashes in the first column",
      `revocations:\n- id: R-1\n  digest: ${DIGEST}\n  reason: ${REASON.replace(":", "")}\n  created: 2026-04-02T08:00:00Z\n`,
    ],
    [
      "a comment in the first column between entries",
      BEFORE.replace(
        "\n\n#",
        `\n# the second\n  - id: R-2\n    digest: ${DIGEST}\n    reason: It ships live credentials.\n    created: 2026-04-02T08:00:00Z\n\n#`,
      ),
    ],
    ["Windows line ends", BEFORE.replaceAll("\n", "\r\n")],
    [
      "a list in brackets",
      JSON.stringify({
        revocations: [{ id: "R-1", digest: DIGEST, reason: REASON, created: "2026-04-02T08:00:00Z" }],
      }),
    ],
    ["no line end at the end", BEFORE.slice(0, BEFORE.indexOf("\n\n# a list"))],
  ])("writes into a document with %s", async (_, text) => {
    folder.write("r.yaml", text);
    expect(await add("--id", "R-9", ...signer)).toMatchObject({ code: 0 });
    expect(revoked().at(-1)).toMatchObject({ id: "R-9" });
    const kept = text.split(/\r?\n/).filter((line) => line.includes("#"));
    for (const line of kept) expect(folder.read("r.yaml")).toContain(line.slice(line.indexOf("#")));
    expect(/[^\r]\n/.test(folder.read("r.yaml"))).toBe(!text.includes("\r"));
  });

  it.each([
    ["an id that is taken", BEFORE, ["--id", "R-1", ...signer], "duplicate-id"],
    ["no issuer", BEFORE, ["--id", "R-2", "--identity", IDENTITY], "no-issuer"],
    [
      "a pattern that accepts anyone",
      BEFORE,
      ["--id", "R-2", "--issuer", ISSUER, "--identity-pattern", "^.*$"],
      "bad-pattern",
    ],
    [
      "an end before its beginning",
      BEFORE,
      ["--id", "R-2", ...signer, "--from", "2026-11-02T00:00:00Z", "--until", "2026-11-01T00:00:00Z"],
      "ends-before-it-starts",
    ],
    [
      "a requester who approves",
      BEFORE,
      ["--id", "R-2", ...signer, "--requested-by", "ana", "--approve", "@Ana:devsecops"],
      "own-approval",
    ],
    ["a broken document", `${BEFORE}revokations: []\n`, ["--id", "R-2", ...signer], "unknown-key"],
    ["no list at all", "nonPromotable: []\n", ["--id", "R-2", ...signer], "missing-key"],
  ])("writes nothing for %s", async (_, text, args, rule) => {
    folder.write("r.yaml", text);
    const { code, stderr } = await add(...args);
    expect([code, stderr]).toEqual([10, expect.stringContaining(`[${rule}]`)]);
    expect(folder.read("r.yaml")).toBe(text);
  });

  it.each([
    ["nothing that is void", ["--id", "R-2"]],
    ["two things that are void", ["--id", "R-2", "--digest", DIGEST, "--key", DIGEST]],
    ["a digest that is a tag", ["--id", "R-2", "--digest", "ghcr.io/acme/app:1.4"]],
    ["a key that is no key", ["--id", "R-2", "--key", "r.yaml"]],
    ["an approval without a seat", ["--id", "R-2", "--digest", DIGEST, "--approve", "rita"]],
  ])("exits 12 for %s", async (_, args) => {
    folder.write("r.yaml", BEFORE);
    expect(await add(...args)).toMatchObject({ code: 12, stdout: "" });
    expect(folder.read("r.yaml")).toBe(BEFORE);
  });

  it("prints and does not write under --dry-run, and keeps the file's rights", async () => {
    folder.write("r.yaml", BEFORE);
    const mode = statSync(join(folder.path, "r.yaml")).mode;
    const { code, stdout } = await add("--id", "R-2", ...signer, "--dry-run");
    expect([code, folder.read("r.yaml")]).toEqual([0, BEFORE]);
    expect(parseRevocations(stdout)).toMatchObject({ ok: true });
    expect(stdout).toContain("id: R-2");
    await add("--id", "R-2", ...signer);
    expect(statSync(join(folder.path, "r.yaml")).mode).toBe(mode);
  });

  it("voids an index with all of its platform images, each by an id of its own", async () => {
    folder.write("r.yaml", "revocations: []\n");
    const children = [registry.pushImage("acme/app"), registry.pushImage("acme/app")];
    const index = registry.pushIndex("acme/app", { manifests: children });
    const image = `${registry.host}/acme/app@${index}`;
    expect(await add("--id", "R-1", "--digest", image)).toMatchObject({ code: 0 });
    expect(revoked().map(({ id, digest }) => [id, digest])).toEqual([
      ["R-1", index],
      ["R-1-2", children[0]],
      ["R-1-3", children[1]],
    ]);
  });

  it("exits 11 and writes nothing where the registry does not say what an index holds", async () => {
    folder.write("r.yaml", "revocations: []\n");
    registry.fault("/v2/acme/app/manifests/", { kind: "status", status: 503 });
    const outcome = await add("--id", "R-1", "--digest", `${registry.host}/acme/app@${DIGEST}`);
    expect(outcome).toMatchObject({ code: 11, stderr: expect.stringContaining("Nothing is written") });
    expect(folder.read("r.yaml")).toBe("revocations: []\n");
    registry.clearFaults();
  });
});

describe("mc revocations lint", () => {
  it("reports each problem with its line, as the other lints do", async () => {
    const folder = mcFolder();
    folder.write("r.yaml", "revocations:\n  - id: R 1\n    reason: short\n    created: never\n");
    const { code, stdout } = await folder.mc(["revocations", "lint", "r.yaml"]);
    expect(code).toBe(10);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(": ")[0]),
    ).toEqual(["r.yaml:2:9", "r.yaml:3:13", "r.yaml:4:14"]);
    folder.write("r.yaml", BEFORE);
    expect(await folder.mc(["revocations", "lint", "r.yaml"])).toMatchObject({ code: 0 });
    folder.remove();
  });

  it("reports an approval by the requester, and none by somebody else", async () => {
    const folder = mcFolder();
    const entry = { id: "R-1", digest: DIGEST, reason: "It ships live credentials.", requestedBy: "ana" };
    const text = (by: string): string =>
      JSON.stringify({
        revocations: [
          {
            ...entry,
            approvals: [{ by, seat: "devsecops", at: "2026-11-24T10:00:00Z" }],
            created: "2026-11-24T10:00:00Z",
          },
        ],
      });
    folder.write("r.yaml", text("oidc:Ana@acme.test"));
    expect(await folder.mc(["revocations", "lint", "r.yaml"])).toMatchObject({
      code: 10,
      stdout: expect.stringContaining("oidc:Ana@acme.test requests it and cannot approve it. [own-approval]"),
    });
    folder.write("r.yaml", text("sam"));
    expect(await folder.mc(["revocations", "lint", "r.yaml"])).toMatchObject({ code: 0 });
    folder.remove();
  });
});
