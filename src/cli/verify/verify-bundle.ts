import { EXIT, type ExitCode } from "../../core/index.ts";
import { type BundleOptions, bundleProblem } from "../bundle-problem.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say } from "../terminal.ts";

/** What `mc verify-bundle` takes. */
export interface VerifyBundleOptions extends BundleOptions {
  readonly output: "text" | "json";
}

/** `mc verify-bundle`: exit 0 where the bundle verifies, 10 where not. */
export function verifyBundleFile(artifact: string, options: VerifyBundleOptions): ExitCode {
  const problem = bundleProblem(artifact, options);
  if (options.output === "json")
    print(jsonAnswer({ verified: problem === undefined, problem: problem ?? null }));
  else say(problem === undefined ? "Verified." : `Not verified: ${problem}.`);
  return problem === undefined ? EXIT.allowed : EXIT.refused;
}
