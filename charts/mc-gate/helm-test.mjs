// Asks the API server for pods, as a dry run, so that none starts: the gate must refuse an image that nobody can have
// trusted where it enforces, and warn of it where it advises. Each is tried for a while, since a gate that has just
// started is known to some nodes later than to others.
// usage: helm-test.mjs ACCOUNT_FOLDER ENFORCING_NAMESPACE ADVISING_NAMESPACE [ADMITTED_IMAGE]
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [account, enforcing, advising, admitted] = process.argv.slice(2);
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
const ATTEMPTS = 15;

function podOf(image) {
  const securityContext = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 65532,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const containers = [{ name: "main", image, securityContext }];
  return { apiVersion: "v1", kind: "Pod", metadata: { generateName: "mc-gate-test-" }, spec: { containers } };
}

async function dryRun(namespace, image) {
  const response = await fetch(`${server}/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${readFileSync(`${account}/token`, "utf8").trim()}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(podOf(image)),
    signal: AbortSignal.timeout(40_000),
  });
  const { message = "" } = await response.json();
  return { isAdmitted: response.ok, message, warning: response.headers.get("warning") ?? "" };
}

const isRefused = ({ isAdmitted, message }) => !isAdmitted && message.includes('"enforce.mc-gate.dev" denied the request');
const isWarnedOf = ({ isAdmitted, warning }) => isAdmitted && warning.includes("mc-gate");
const UNKNOWN = "helm-test.invalid/unknown:latest";
const cases = [
  ["an unknown image is refused where the mode is enforce", enforcing, UNKNOWN, isRefused],
  ["an unknown image starts with a warning where it is advisory", advising, UNKNOWN, isWarnedOf],
];
if (admitted) cases.push([`${admitted} is admitted`, enforcing, admitted, ({ isAdmitted }) => isAdmitted]);

async function outcomeOf(namespace, image, isRight) {
  let said = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(2000);
    try {
      const answer = await dryRun(namespace, image);
      if (isRight(answer)) return undefined;
      said = answer.message || answer.warning || "the pod would start, and no webhook said anything";
    } catch (error) {
      said = `the API server does not answer: ${error.cause?.message ?? error.message}`;
    }
  }
  return said;
}

for (const [title, namespace, image, isRight] of cases) {
  const wrong = await outcomeOf(namespace, image, isRight);
  console.log(wrong === undefined ? `ok: ${title}` : `not ok: ${title}: ${wrong}`);
  if (wrong !== undefined) process.exitCode = 1;
}
