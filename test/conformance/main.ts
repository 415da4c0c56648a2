import { casesIn } from "./cases.ts";
import { runCases } from "./run-cases.ts";

/**
 * Runs the bundle cases of the public sigstore-conformance suite against the verifier behind `mc verify-bundle`.
 * Exit 0 where each verdict is right, 1 where one is wrong or the folder holds no case, 12 without a folder.
 */
function main([folder, ...rest]: readonly string[]): number {
  if (folder === undefined || rest.length > 0 || folder.startsWith("-")) {
    console.error("usage: npm run test:conformance -- DIR");
    console.error("DIR is test/assets/bundle-verify of github.com/sigstore/sigstore-conformance");
    return 12;
  }
  const { lines, isConformant } = runCases(casesIn(folder));
  for (const line of lines) console.log(line);
  return isConformant ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
