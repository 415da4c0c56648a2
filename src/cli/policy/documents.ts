import { EXIT, type ExitCode } from "../../core/index.ts";
import { parsePolicy, policyDangers, policyJsonSchema, shortLists } from "../../policy/index.ts";
import { lintFiles, type LintOptions } from "../problems.ts";
import { print } from "../terminal.ts";

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
