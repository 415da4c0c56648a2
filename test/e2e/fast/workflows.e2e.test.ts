import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readWorkflow, WORKFLOWS } from "../../support/workflow-steps.ts";
import { run } from "../support/process.ts";
import { program, PROJECT } from "../support/programs.ts";
import { zizmor } from "../support/zizmor.ts";

const FILES = readdirSync(WORKFLOWS);

/** Documented by GitHub since April 2026; actionlint 1.7.12 does not know them. */
const UNKNOWN = `property "workflow_(?:sha|repository)" is not defined in object type`;

function actionlint(...files: readonly string[]) {
  const args = ["-shellcheck=", "-pyflakes=", "-no-color", "-ignore", UNKNOWN, ...files];
  return run(program("actionlint"), args, { cwd: PROJECT });
}

describe("the workflows", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mc-workflows-"));
    await mkdir(join(folder, ".github"));
    await cp(WORKFLOWS, join(folder, WORKFLOWS), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("pass actionlint, every one", async () => {
    expect(FILES.length).toBeGreaterThanOrEqual(7);
    expect(await actionlint(...FILES.map((file) => join(WORKFLOWS, file)))).toMatchObject({
      code: 0,
      stdout: "",
    });
  });

  it("pass zizmor by its strictest persona, every one, but for the audits that need GitHub", async () => {
    const { code, stdout, stderr } = await zizmor("--strict-collection", WORKFLOWS);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const audited = FILES.filter((file) =>
      new RegExp(`completed \\S*${file.replaceAll(".", "\\.")}`).test(stderr),
    );
    expect(audited).toEqual(FILES);
  });

  it("ignore two audits of zizmor, each for one reason", async () => {
    const texts = await Promise.all(FILES.map((file) => readFile(join(WORKFLOWS, file), "utf8")));
    const ignored = texts.flatMap((text) => text.match(/zizmor: .*/g) ?? []);
    expect(new Set(ignored)).toEqual(
      new Set([
        "zizmor: ignore[self-repository] actionlint 1.7.12 does not know $/",
        "zizmor: ignore[dangerous-triggers] it runs nothing of the change: docs/guides/ci.md",
      ]),
    );
  });

  it("would not pass actionlint with a job that is not there", async () => {
    const text = await readFile(join(WORKFLOWS, "mc.yml"), "utf8");
    const wrong = join(folder, WORKFLOWS, "mc.yml");
    await writeFile(wrong, text.replace("    name: mc\n", "    name: mc\n    needs: [nobody]\n"));
    const { code, stdout } = await actionlint(wrong);
    expect([code, stdout.includes("nobody")]).toEqual([1, true]);
  });

  it("would not pass zizmor with an input in a script, or an action by its tag", async () => {
    const file = "release-verify.yml";
    const text = await readFile(join(WORKFLOWS, file), "utf8");
    const [step] = readWorkflow(file).jobs["verify"]!.steps!;
    const name = step!.run!.split("\n")[1]!;
    const wrong = text
      .replace(name, `name=\${{ inputs.image }}`)
      .replaceAll(/actions\/checkout@[0-9a-f]{40}/g, "actions/checkout@v7");
    await writeFile(join(folder, WORKFLOWS, file), wrong);
    const { code, stdout } = await zizmor(join(folder, WORKFLOWS, file));
    expect(code).toBeGreaterThan(10);
    expect(stdout).toContain("template-injection");
    expect(stdout).toContain("unpinned-uses");
  });
});
