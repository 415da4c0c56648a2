import { FAULTS, FINDINGS } from "../core/index.ts";
import { isKnownCode, type Reports } from "./reports.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/** What code scanning shows of one run. Source: docs.github.com, "SARIF results exceed one or more limits". */
const MAX_RESULTS = 5000;

/** The findings of the scans for code scanning, at the folder of their service. Source: OASIS SARIF 2.1.0. */
export function sarifOf({ scans, unread }: Reports): string {
  const all = scans.flatMap(({ path, mode, issues }) => issues.map((issue) => ({ path, mode, ...issue })));
  const results = all.slice(0, MAX_RESULTS).map(({ path, mode, code, message }) => ({
    ruleId: idOf(code),
    level: mode === "enforce" ? "error" : "warning",
    message: { text: message.replaceAll(/[[\]\p{C}]/gu, "?") }, // brackets would be a link (3.11.6)
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) }, region: { startLine: 1 } } }],
  }));
  const notices = [
    ...unread.map(({ service, file, why }) => `${service}, ${file} was not read: ${why}`),
    ...(all.length > MAX_RESULTS ? [`${all.length - MAX_RESULTS} more are left out.`] : []),
  ];
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].map(ruleOf);
  const invocation = {
    executionSuccessful: unread.length === 0,
    toolExecutionNotifications: notices.map((text) => ({ level: "error", message: { text } })),
  };
  const runs = [{ tool: { driver: { name: "mc-gate", rules } }, invocations: [invocation], results }];
  return JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs }, undefined, 2);
}

function idOf(code: string): string {
  return isKnownCode(code) ? code : "unknown";
}

function ruleOf(id: string): object {
  if (!isKnownCode(id)) return { id };
  const { cause, fix } = { ...FINDINGS, ...FAULTS }[id];
  return { id, shortDescription: { text: cause }, help: { text: fix } };
}

/** A path inside the repository. */
function uriOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  return parts.length === 0 ? "README.md" : parts.map(encodeURIComponent).join("/");
}
