import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { runStep, scriptOf, type StepOutcome } from "../../support/workflow-steps.ts";
import { program, PROJECT } from "../support/programs.ts";

const FILE = "_reusable-ci-security.yml";
const DIGEST = `sha256:${"a".repeat(64)}`;
const SERVICE = { name: "api", path: "services/api", digest: DIGEST };

/** One match of grype's JSON, as far as it is read. */
function match(id: string, severity: string): object {
  return {
    vulnerability: { id, severity, fix: { versions: ["1.2.4"] } },
    artifact: { name: "left-pad", version: "1.2.3" },
  };
}

let folder: string;

/** A scanner that answers with a file of this folder, and writes down how it was called. */
async function scanner(name: string): Promise<void> {
  const path = join(folder, "home/mc-tools/bin", name);
  const script = `#!/bin/bash
echo "${name} $*" >>"${folder}/calls"
out=; for each in "$@"; do case $each in cyclonedx-json=*) out=\${each#*=} ;; esac; done
if [[ -n $out ]]; then case $* in *base/*) cat "${folder}/base.json" ;; *) cat "${folder}/head.json" ;; esac >"$out"
else cat "${folder}/${name}.json"; fi
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
}

function put(path: string, value: unknown): Promise<void> {
  return writeFile(join(folder, path), typeof value === "string" ? value : JSON.stringify(value));
}

function bom(...components: readonly string[]): object {
  return {
    components: components.map((each) => {
      const [name, version] = each.split("@");
      return { type: "library", name, version };
    }),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mc-scan-"));
  await mkdir(join(folder, "home/mc-tools/bin"), { recursive: true });
  await mkdir(join(folder, "gate"));
  await cp(join(PROJECT, "policy"), join(folder, "gate/policy"), { recursive: true });
  await symlink(program("conftest"), join(folder, "home/mc-tools/bin/conftest"));
  await scanner("syft");
  await scanner("grype");
});

beforeEach(async () => {
  for (const path of ["report", "work", "head", "base", "calls"])
    await rm(join(folder, path), { recursive: true, force: true });
  for (const path of ["head/services/api", "head/policy", "base/services/api"])
    await mkdir(join(folder, path), { recursive: true });
  await put("head.json", bom("left-pad@1.2.3", "new@1"));
  await put("base.json", bom("left-pad@1.2.3", "old@1"));
  await put("grype.json", { matches: [match("CVE-2026-0001", "High"), match("CVE-2026-0002", "Low")] });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Judged extends StepOutcome {
  readonly report: Record<string, unknown> | undefined;
}

/** Scans and judges, as the job does. */
async function scan(differing: Readonly<Record<string, string>> = {}): Promise<Judged> {
  const common = {
    HOME: join(folder, "home"),
    SERVICE: JSON.stringify(SERVICE),
    MODE: "enforce",
    PULL: "17",
  };
  const env = { ...common, WAIVERS: "policy/waivers.yaml", ...differing };
  const scanned = await runStep(scriptOf(FILE, "scan", "Scan"), { cwd: folder, env });
  expect(scanned).toMatchObject({ code: 0 });
  const judged = await runStep(scriptOf(FILE, "scan", "Judge"), { cwd: folder, env });
  const text = await readFile(join(folder, "report/report.json"), "utf8").catch(() => undefined);
  return {
    ...judged,
    report: text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}

function waivers(digest: string, ...findings: readonly string[]): object {
  const waiver = {
    id: "WA-1",
    class: "vulnerability",
    digest,
    findings,
    reason: "The fix is in review and due this week.",
    owners: ["team-shop"],
    created: new Date(Date.now() - 3_600_000).toISOString(),
    ttl: "7d",
  };
  return { waivers: [waiver] };
}

describe("the scan of a service", () => {
  it("fails in enforce by what blocks, and reports it with the difference of the SBOM", async () => {
    const { code, report, stdout } = await scan();
    expect(code).toBe(1);
    expect(stdout).toContain("::notice title=MC rules::vulnerability/blocked\n");
    expect(report).toEqual({
      version: 1,
      pull: 17,
      service: "api",
      path: "services/api",
      mode: "enforce",
      issues: [
        { code: "vulnerability/blocked", message: 'findings[0] of "left-pad" blocks: severity "High"' },
      ],
      findings: 2,
      sbom: { added: [{ name: "new", version: "1" }], removed: [{ name: "old", version: "1" }] },
    });
  });

  it("passes in advisory, and reports the same", async () => {
    const enforced = await scan();
    await rm(join(folder, "report"), { recursive: true });
    await rm(join(folder, "work"), { recursive: true });
    const { code, report } = await scan({ MODE: "advisory" });
    expect([code, report]).toEqual([0, { ...enforced.report, mode: "advisory" }]);
  });

  it("passes by a waiver of its released image, of this digest and finding alone", async () => {
    await put("head/policy/waivers.yaml", waivers(DIGEST, "CVE-2026-0001"));
    expect(await scan()).toMatchObject({ code: 0, report: { issues: [] } });
  });

  it.each([
    ["another finding", waivers(DIGEST, "CVE-2026-0009")],
    ["another image", waivers(`sha256:${"b".repeat(64)}`, "CVE-2026-0001")],
  ])("is not helped by a waiver of %s", async (_, document) => {
    await put("head/policy/waivers.yaml", document);
    expect(await scan()).toMatchObject({ code: 1, report: { issues: [{ code: "vulnerability/blocked" }] } });
  });

  it("fails with waivers that break a rule, instead of leaving them out", async () => {
    await put("head/policy/waivers.yaml", { waivers: [{ digest: DIGEST, created: "soon", ttl: "7d" }] });
    expect(await scan({ MODE: "advisory" })).toMatchObject({ code: 1, report: undefined });
  });

  it("matches the whole SBOM also where nothing of it changed", async () => {
    await put("base.json", bom("left-pad@1.2.3", "new@1"));
    const { code, report } = await scan();
    expect([code, report!["sbom"]]).toEqual([1, { added: [], removed: [] }]);
    expect(await readFile(join(folder, "calls"), "utf8")).toContain("grype sbom:work/head.cdx.json");
  });

  it("says nothing of a difference where there is nothing to compare with", async () => {
    await rm(join(folder, "base"), { recursive: true });
    expect((await scan()).report!["sbom"]).toBeNull();
  });

  it("fails where the scanner's answer is cut in half", async () => {
    await put("grype.json", '{"matches": [{"vulnerability"');
    expect((await scan()).code).not.toBe(0);
    expect((await scan().catch(() => ({ report: undefined }))).report).toBeUndefined();
  });

  it("fails where the scanner answered with something else", async () => {
    await put("grype.json", { error: "no database" });
    expect(await scan({ MODE: "advisory" })).toMatchObject({ report: undefined });
  });

  it.each(["", "off", "Advisory"])("fails without a mode: %j", async (MODE) => {
    expect(await scan({ MODE })).toMatchObject({ code: 1, report: undefined });
  });

  it.each(["../waivers.yaml", "/etc/passwd", "a b", "policy/../../x"])(
    "takes no waivers from %s",
    async (WAIVERS) => {
      expect(await scan({ WAIVERS })).toMatchObject({ code: 1, report: undefined });
    },
  );

  it("writes nothing but plain text of a finding into the summary", async () => {
    const evil = match("CVE-1", "High");
    const artifact = { name: "</li><img src=x>`[a](http://x) @all #1", version: "1" };
    await put("grype.json", { matches: [{ ...evil, artifact }] });
    const { summary } = await scan();
    expect(summary).toContain("img src=x");
    expect(summary.split("\n").slice(1).join("")).not.toMatch(/[`<>[\]@#]/);
  });
});
