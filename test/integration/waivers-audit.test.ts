import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";
import { mcFolder } from "../support/run-mc.ts";

const AT = "2026-11-25T10:00:00Z";
const [APP, DATABASE, TOOL] = ["app", "database", "tool"].map((name) => digestOf(name));
const folder = mcFolder();

function waiver(id: string, differing: object): object {
  return {
    id,
    class: "signature",
    digest: APP,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T10:00:00Z",
    ttl: "7d",
    ...differing,
  };
}

const WAIVERS = [
  waiver("ENDING", { digest: DATABASE, namespaces: ["shop"], ttl: "2d" }),
  waiver("WIDE", { class: "sbom", digest: TOOL, ttl: "30d" }),
  waiver("NARROW", {
    class: "sbom",
    digest: TOOL,
    ttl: "3d1h",
    namespaces: ["shop"],
    image: "ghcr.io/acme/tool",
  }),
  waiver("GONE", { created: "2026-11-20T10:00:00Z", ttl: "1d" }),
  waiver("GONE-2", { created: "2026-11-20T10:00:00Z", ttl: "2d", digest: TOOL }),
  waiver("SOON", { created: "2026-11-26T10:00:00Z", digest: TOOL }),
  waiver("CVES", { class: "vulnerability", findings: ["CVE-1"], ttl: "4d" }),
  waiver("CVES-2", { class: "vulnerability", findings: ["CVE-2"], ttl: "9d" }),
];

function pod(namespace: string, name: string, image: string, running?: string): object {
  const containerStatuses =
    running === undefined ? [] : [{ name: "app", imageID: `docker-pullable://x/y@${running}` }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "app", image }] },
    status: { containerStatuses },
  };
}

const PODS = [
  pod("shop", "db-0", `ghcr.io/acme/db@${DATABASE}`),
  pod("shop", "db-1", "ghcr.io/acme/db:16", DATABASE),
  pod("bank", "db-0", `ghcr.io/acme/db@${DATABASE}`),
  pod("shop", "web-0", `ghcr.io/acme/web@${digestOf("web")}`),
  pod("shop", "tool-0", `ghcr.io/acme/tool@${TOOL}`),
  pod("bank", "tool-0", `ghcr.io/acme/tool@${TOOL}`),
  pod("shop", "app-0", `ghcr.io/acme/app@${APP}`),
];

interface Audit {
  readonly active: readonly { readonly id: string; readonly refused: readonly string[] | null }[];
  readonly [key: string]: unknown;
}

async function audit(...args: readonly string[]): Promise<Audit> {
  const { stdout } = await folder.mc(["waivers", "audit", "w.yaml", "--at", AT, "-o", "json", ...args]);
  return JSON.parse(stdout) as Audit;
}

function waived(ids: readonly string[]) {
  const subject = { image: "x", place: "x" };
  const finding = { kind: "finding", code: "signature/missing", subject, message: "m" } as const;
  return ids.map((id) => ({ finding, waiver: { id, owners: [], until: new Date(AT), leftMs: 0 } }));
}

/** What a replica that decided so much says at /metrics. */
async function exposition(used: readonly string[], hit: readonly string[]): Promise<string> {
  const metrics = createMetrics();
  const verdict = { decision: "allow", mode: "enforce", objections: [], judged: [] } as const;
  metrics.decision({
    uid: "u-1",
    operation: "CREATE",
    caller: "verified",
    seconds: 0.1,
    verdict: { ...verdict, waived: waived(used), expired: waived(hit) },
  });
  return (await metrics.render()).text;
}

describe("mc waivers audit", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    folder.write("w.yaml", JSON.stringify({ waivers: WAIVERS }));
    folder.write("pods.json", JSON.stringify({ kind: "List", items: PODS }));
    folder.write("one.txt", await exposition(["WIDE", "WIDE", "CVES"], ["GONE"]));
    folder.write("two.txt", await exposition(["ENDING"], ["GONE"]));
    const line = { msg: "decision", waivers: ["NARROW"], expiredWaivers: ["GONE-2"] };
    folder.write("gate.log", `starting\n{"msg":"listening"}\n${JSON.stringify(line)}\n`);
  });
  afterAll(() => folder.remove());

  it("names what counts, ends soon, has ended and is to come", async () => {
    const found = await audit();
    expect(found.active.map(({ id }) => id)).toEqual(["ENDING", "NARROW", "CVES", "CVES-2", "WIDE"]);
    expect(found["ending"]).toMatchObject([{ id: "ENDING", until: "2026-11-26T10:00:00.000Z" }]);
    expect(found["expired"]).toEqual(["GONE", "GONE-2"]);
    const states = (found["waivers"] as { id: string; state: string }[]).map(
      ({ id, state }) => `${id} ${state}`,
    );
    expect(states).toContain("SOON pending");
  });

  it("does not guess what it was not told", async () => {
    const found = await audit();
    expect([found["expiredAndHit"], found["unused"]]).toEqual([null, null]);
    expect(found.active.every(({ refused }) => refused === null)).toBe(true);
  });

  it("adds up the uses of all replicas, from metrics and logs", async () => {
    const found = await audit("--uses", "one.txt", "--uses", "two.txt", "--uses", "gate.log");
    expect(found["expiredAndHit"]).toEqual([
      { id: "GONE", hits: 2 },
      { id: "GONE-2", hits: 1 },
    ]);
    expect(found["unused"]).toEqual(["CVES-2"]);
  });

  it("calls nothing unused where some uses have no name", async () => {
    folder.write(
      "full.txt",
      'mc_gate_waiver_uses_total{waiver="other"} 3\n# TYPE mc_gate_waiver_uses_total counter\n',
    );
    expect((await audit("--uses", "full.txt"))["unused"]).toBeNull();
  });

  it.each([
    ["a decision names fewer waivers than it used", { omitted: { waivers: 2 } }, null],
    ["a decision names fewer digests than it judged", { omitted: { digests: 2 } }, ["CVES-2"]],
  ])("calls nothing unused where %s", async (_, more, unused) => {
    const line = { msg: "decision", waivers: ["NARROW", "ENDING", "WIDE", "CVES"], ...more };
    folder.write("cut.log", JSON.stringify(line));
    expect((await audit("--uses", "cut.log"))["unused"]).toEqual(unused);
  });

  it("calls nothing unused where a line of the log is cut off", async () => {
    const line = JSON.stringify({ msg: "decision", waivers: ["NARROW"] });
    folder.write("half.log", `${line}\n${line.slice(0, 30)}\n`);
    expect((await audit("--uses", "half.log"))["unused"]).toBeNull();
  });

  it("finds overlaps, and the one of two that adds nothing", async () => {
    expect((await audit())["overlapping"]).toEqual([
      {
        waivers: ["NARROW", "WIDE"],
        from: "2026-11-24T10:00:00.000Z",
        until: "2026-11-27T11:00:00.000Z",
        spare: "NARROW",
      },
    ]);
  });

  it("ranks by width, and says why", async () => {
    const [first, ...others] = (await audit())["widest"] as { id: string; because: string[] }[];
    expect(first).toEqual({
      id: "WIDE",
      because: ["every namespace", "any repository", "everything of class sbom", "30d"],
    });
    expect(others.at(-1)!.id).toBe("NARROW");
  });

  it("says which running workloads are refused when each ends, and only then", async () => {
    const { active } = await audit("--workloads", "pods.json");
    expect(Object.fromEntries(active.map(({ id, refused }) => [id, refused]))).toEqual({
      ENDING: ["shop/db-0 (app)", "shop/db-1 (app)"],
      NARROW: [], // the wide one goes on
      WIDE: ["shop/tool-0 (app)", "bank/tool-0 (app)"],
      CVES: ["shop/app-0 (app)"], // the other one names another vulnerability
      "CVES-2": ["shop/app-0 (app)"],
    });
  });

  it("reads for people, and exits 10 while something is to be cleared away", async () => {
    const args = ["waivers", "audit", "w.yaml", "--at", AT, "--workloads", "-", "--uses", "one.txt"];
    const { code, stdout } = await folder.mc(args, folder.read("pods.json"));
    expect(code).toBe(10);
    expect(stdout).toContain(
      "Ending within 48 hours:\n  ENDING  in 1d, owner team-shop\n    then refused: shop/db-0 (app)",
    );
    expect(stdout).toContain("Expired and hit:\n  GONE  1 time(s)");
    expect(stdout).toContain("NARROW and WIDE; NARROW adds nothing");
    folder.write("clean.yaml", JSON.stringify({ waivers: WAIVERS.slice(0, 2) }));
    expect(await folder.mc(["waivers", "audit", "clean.yaml", "--at", AT])).toMatchObject({ code: 0 });
  });

  it.each([
    ["uses that are none", ["--uses", "w.yaml"]],
    ["pods that are none", ["--workloads", "w.yaml"]],
    ["a file that is not there", ["--uses", "none"]],
  ])("exits 12 for %s", async (_, args) => {
    expect(await folder.mc(["waivers", "audit", "w.yaml", "--at", AT, ...args])).toMatchObject({ code: 12 });
  });
});
