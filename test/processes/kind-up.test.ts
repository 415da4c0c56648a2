import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SHELL_TOOLS = ["cat", "dirname", "grep", "sed"];
const TOOLS = ["docker", "kind", "kubectl", "helm", "npm"];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The order of its calls, by programs that only write down how they were called: kind itself needs to pull images. */
describe("scripts/kind-up.sh", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-kind-"));
    for (const tool of SHELL_TOOLS) {
      const path = ["/usr/bin", "/bin"].map((each) => join(each, tool)).find((each) => existsSync(each));
      symlinkSync(path!, join(folder, tool));
    }
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function install(tools: readonly string[]): void {
    for (const tool of tools) {
      const path = join(folder, tool);
      writeFileSync(path, `#!/bin/sh\necho "${tool} $*" >>"${folder}/calls"\n`);
      chmodSync(path, 0o755);
    }
  }

  function kindUp(...args: string[]): Promise<Outcome> {
    const env = { PATH: folder };
    return new Promise((resolve) => {
      execFile("/bin/bash", ["scripts/kind-up.sh", ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
  }

  it("lints the policy, builds, makes the cluster and installs, in this order", async () => {
    install(TOOLS);
    expect(await kindUp()).toMatchObject({ code: 0, stdout: expect.stringContaining("mode=enforce") });
    const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    expect(calls.map((call) => call.split(" ").slice(0, 3).join(" "))).toEqual([
      "npm run -s",
      "npm run -s",
      "docker build --tag",
      "kind get clusters",
      "kind create cluster",
      "kind load docker-image",
      "helm upgrade --install",
      "kubectl --context kind-mc-gate",
      "kubectl --context kind-mc-gate",
    ]);
    expect(calls[0]).toContain("policy lint policy/policy.yaml");
  });

  it("names a tool that is missing", async () => {
    install(TOOLS.filter((tool) => tool !== "kind"));
    expect(await kindUp()).toMatchObject({ code: 12, stderr: "not found: kind\n" });
  });

  it("says how it is called", async () => {
    expect(await kindUp("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--policy FILE"),
    });
    expect(await kindUp("--polcy")).toMatchObject({ code: 12, stderr: expect.stringContaining("--polcy") });
  });
});
