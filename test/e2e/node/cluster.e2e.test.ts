import { describe, expect, it } from "vitest";

import { pushImage } from "../support/images.ts";
import { nodeImage } from "../support/node-image.ts";
import { eventually } from "../support/process.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";

const MAIN = `
const folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
const { readFileSync } = require("node:fs");
const { request } = require("node:https");
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const headers = { authorization: "Bearer " + readFileSync(folder + "token", "utf8") };
request({ host, port, path: "/version", headers, ca: readFileSync(folder + "ca.crt") }, (response) => {
  console.log(JSON.stringify({ status: response.statusCode, node: process.version, user: process.getuid() }));
  response.resume();
}).end();
`;

function pod(name: string, image: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image }] },
  });
}

describe.skipIf(nodeObstacle)("the node", () => {
  it("runs an image that was made here, pulled by digest, and lets it reach the API server", async () => {
    const { kubectlOk, registry } = cluster();
    const recipe = await nodeImage([{ path: "/app/main.js", text: MAIN }], "/app/main.js");
    const { name } = await pushImage(registry?.outside ?? "", "probe", recipe);
    await kubectlOk(["apply", "-f", "-"], { stdin: pod("probe", `${registry?.inside}/${name}`) });
    await kubectlOk(["wait", "pod/probe", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s"], {
      timeoutMs: 100_000,
    });
    const printed = JSON.parse(await kubectlOk(["logs", "probe"]));
    expect(printed).toEqual({ status: 200, node: process.version, user: 65532 });
    await kubectlOk(["delete", "pod", "probe"]);
  });

  it("does not start an image that the registry does not have", async () => {
    const { kubectlOk, registry } = cluster();
    const image = `${registry?.inside}/nothing@sha256:${"0".repeat(64)}`;
    await kubectlOk(["apply", "-f", "-"], { stdin: pod("absent", image) });
    const reason = await eventually("the refusal", async () => {
      const path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}";
      const waiting = await kubectlOk(["get", "pod", "absent", "-o", path]);
      return waiting === "" || waiting === "ContainerCreating" ? undefined : waiting;
    });
    expect(reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    await kubectlOk(["delete", "pod", "absent", "--grace-period=0", "--force"]);
  });

  it("runs an image of the registry without referrers", async ({ skip }) => {
    const { kubectlOk, plainRegistry } = cluster();
    skip(plainRegistry === undefined, "a cluster of the user's own has one registry");
    const recipe = await nodeImage([{ path: "/app/main.js", text: "console.log(6 * 7)" }], "/app/main.js");
    const { name } = await pushImage(plainRegistry?.outside ?? "", "probe", recipe);
    await kubectlOk(["apply", "-f", "-"], { stdin: pod("plain", `${plainRegistry?.inside}/${name}`) });
    await kubectlOk(["wait", "pod/plain", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s"], {
      timeoutMs: 100_000,
    });
    expect(await kubectlOk(["logs", "plain"])).toBe("42\n");
    await kubectlOk(["delete", "pod", "plain"]);
  });
});
