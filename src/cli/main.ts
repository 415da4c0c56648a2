#!/usr/bin/env node
import { nodeProblem } from "./node-version.ts";

// Checked before anything is loaded that an older Node cannot even parse. 12 is EXIT.usage.
const problem = nodeProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(12);
}
await import("./start.ts");
