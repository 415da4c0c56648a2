import { EXIT } from "../core/index.ts";
import { sayAtLast, watchOutput } from "./failed-output.ts";
import { explain, run } from "./run.ts";

/** What nothing caught: the command could not tell, and ends with the code that says so. */
function crash(error: unknown): void {
  sayAtLast(explain(error).text);
  process.exit(EXIT.unknown);
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
const output = watchOutput();
// A command that waits for what never comes ends without an answer, and must not end by 0.
process.exitCode = EXIT.unknown;
// Whatever is still open must not keep a command that has its answer.
void run(process.argv.slice(2))
  .then((code) => output.settle(code))
  .then((code) => process.exit(code));
