import { EXIT, type ExitCode } from "../../core/index.ts";
import { parsePolicy, policyDangers, policyJsonSchema, shortLists } from "../../policy/index.ts";
import { parseWaivers, type WaiverRegistry } from "../../waivers/index.ts";
import { accepted, lintFiles, type LintOptions, unusable } from "../problems.ts";
import { print, readText } from "../terminal.ts";

/** `mc policy lint`: every problem of policy files, with line and rule; also what the gate reads, and which refuses everything. */
export function policyLint(files: readonly string[], options: LintOptions): ExitCode {
  return lintFiles(
    files,
    {
      key: "policy.yaml",
      lint: (text) => {
        const parsed = parsePolicy(text);
        return parsed.ok ? shortLists(text) : parsed.problems;
      },
      dangersIn: policyDangers,
    },
    options,
  );
}

/** `mc policy schema`: the JSON Schema of the policy document. */
export function policySchema(): ExitCode {
  print(JSON.stringify(policyJsonSchema(), undefined, 2));
  return EXIT.allowed;
}

/** Waivers by which a policy is tried. One that is none would change a verdict for a reason that is not shown: UsageError. */
export function testedWaivers(file: string): WaiverRegistry {
  const waivers = accepted(file, parseWaivers(readText(file)));
  if (waivers.problems.length > 0) throw unusable(file, waivers.problems);
  return waivers;
}
