import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Report } from "../../src/argocd/index.ts";
import { untilSettled } from "../../src/cli/presync/until-settled.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";

const ALLOWED: Report = {
  version: 1,
  decision: "allowed",
  exitCode: 0,
  retry: false,
  reason: "allowed: 2 image(s) checked",
  images: [],
  warnings: ["waiver W-1 ends soon"],
};
const REFUSED: Report = {
  ...ALLOWED,
  decision: "refused",
  exitCode: 10,
  reason: "app is refused",
  warnings: [],
};
const UNKNOWN: Report = {
  ...ALLOWED,
  decision: "unknown",
  exitCode: 11,
  retry: true,
  reason: "no answer",
  warnings: [],
};
const SETUP: Report = { ...ALLOWED, decision: "setup", exitCode: 12, reason: "no hook", warnings: [] };

let server: Server;
let folder: McFolder;
let answers: { status: number; body: string }[];
let tokens: (string | undefined)[];

beforeEach(async () => {
  const { ca, cert, key } = await createTestCertificate();
  answers = [];
  tokens = [];
  server = createServer({ cert, key }, (message, response) => {
    tokens.push(message.headers.authorization);
    const { status, body } = answers.length > 1 ? answers.shift()! : answers[0]!;
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  folder = mcFolder();
  folder.write("ca.pem", ca);
  folder.write("token", "the-token\n");
});
afterEach(async () => {
  folder.remove();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function answerWith(status: number, report: Report): void {
  answers.push({ status, body: JSON.stringify(report) });
}

function presync(...rest: readonly string[]): Promise<Outcome> {
  const gate = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const usual = [
    "--gate",
    gate,
    "--ca-file",
    "ca.pem",
    "--token-file",
    "token",
    "--termination-log",
    "reason",
  ];
  return folder.mc(["presync", ...usual, "--timeout", "1", ...rest]);
}

describe("mc presync", () => {
  it.each([
    [200, ALLOWED],
    [200, REFUSED],
    [403, SETUP],
  ])("with status %i exits as the gate says, once asked, and leaves the reason", async (status, report) => {
    answerWith(status, report);
    const { code, stdout } = await presync();
    expect(code).toBe(report.exitCode);
    expect(stdout).toContain(`${report.decision}: ${report.reason}`);
    expect(folder.read("reason")).toContain(`${report.decision}: ${report.reason}`);
    expect(tokens).toEqual(["Bearer the-token"]);
  });

  it("says what is allowed only for now", async () => {
    answerWith(200, ALLOWED);
    expect((await presync()).stdout).toContain("warning: waiver W-1 ends soon");
    expect(folder.read("reason")).toContain("warning: waiver W-1 ends soon");
  });

  it("asks again where the gate cannot tell", async () => {
    answerWith(503, UNKNOWN);
    answerWith(200, ALLOWED);
    expect((await presync()).code).toBe(0);
    expect(tokens).toHaveLength(2);
  });

  it("gives the report as JSON", async () => {
    answerWith(200, REFUSED);
    expect(JSON.parse((await presync("-o", "json")).stdout)).toEqual(REFUSED);
  });

  it.each([
    ["an allowance that does not come as one", 500, JSON.stringify(ALLOWED)],
    ["a decision that contradicts its exit code", 200, JSON.stringify({ ...REFUSED, exitCode: 0 })],
    ["what is no report", 200, '{"allowed":true}'],
    ["what is no JSON", 200, "<html>"],
  ])("takes %s for no answer", async (_, status, body) => {
    answers.push({ status, body });
    expect((await presync()).code).toBe(11);
  });

  it("believes nobody whose certificate is another authority's", async () => {
    answerWith(200, ALLOWED);
    folder.write("ca.pem", (await createTestCertificate()).ca);
    expect((await presync()).code).toBe(11);
    expect(tokens).toEqual([]);
  });

  it("exits 11 where nobody answers", async () => {
    expect((await presync("--gate", "https://127.0.0.1:1")).code).toBe(11);
    expect(folder.read("reason")).toContain("could not be reached: ECONNREFUSED");
    expect(folder.read("reason")).toContain("NetworkPolicy must allow DNS, and TCP to the gate");
  });

  it.each([
    ["without a token", ["--token-file", "absent"]],
    ["over a connection that is not encrypted", ["--gate", "http://127.0.0.1:1"]],
    ["without the authority that it names", ["--ca-file", "absent"]],
  ])("is set up wrongly %s, and says so in the reason", async (_, rest) => {
    expect((await presync(...rest)).code).toBe(12);
    expect(folder.read("reason")).toContain("setup: ");
  });
});

describe("asking until there is an answer", () => {
  it("waits longer each time, up to eight seconds", async () => {
    const waited: number[] = [];
    const answer = await untilSettled(() => Promise.resolve(waited.length < 6 ? UNKNOWN : ALLOWED), {
      timeoutMs: 60_000,
      onRetry: () => undefined,
      pause: (ms) => Promise.resolve(waited.push(ms)),
    });
    expect(answer).toBe(ALLOWED);
    expect(waited).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  });
});
