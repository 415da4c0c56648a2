import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface WebhookAdmission {
  readonly name: string;
  readonly configuration: { readonly kubeConfigFile: string };
}

interface WebhookUser {
  readonly name: string;
  readonly user: { readonly "client-certificate": string; readonly "client-key": string };
}

interface Recipe {
  readonly admission: WebhookAdmission;
  readonly users: readonly WebhookUser[];
}

const FOLDER = "deploy/callers";

function read(path: string): unknown {
  return parse(readFileSync(`${FOLDER}/${path}`, "utf8"));
}

function filesOf(platform: "kubeadm" | "rke2"): Recipe {
  const { plugins } = read(`${platform}/admission.yaml`) as { plugins: WebhookAdmission[] };
  const { users } = read(`${platform}/webhook-kubeconfig.yaml`) as { users: WebhookUser[] };
  return { admission: plugins[0]!, users };
}

function talos(): Recipe {
  const patch = read("talos/patch.yaml") as {
    machine: { files: { path: string; content: string }[] };
    cluster: { apiServer: { admissionControl: WebhookAdmission[] } };
  };
  const [file] = patch.machine.files;
  const { users } = parse(file!.content) as { users: WebhookUser[] };
  return { admission: patch.cluster.apiServer.admissionControl[0]!, users };
}

/** A recipe without its folders, which are each platform's own. */
function withoutFolders({ admission, users }: Recipe): unknown {
  const text = JSON.stringify({ admission, users: users.map(({ name }) => name) });
  return JSON.parse(text.replaceAll(/"\/[^"]*\//g, '"'));
}

describe("the API server's configuration for each platform", () => {
  const tried = filesOf("kubeadm"); // the file that the end-to-end tests' API server is started with

  it.each<[string, Recipe]>([
    ["RKE2", filesOf("rke2")],
    ["Talos", talos()],
  ])("of %s is that of kubeadm but for its folders", (_, recipe) => {
    expect(withoutFolders(recipe)).toEqual(withoutFolders(tried));
  });

  it("shows the certificate to the gate alone, by the name that the chart gives its Service", () => {
    expect(tried.users.map(({ name }) => name)).toEqual(["mc-gate.mc-gate.svc"]);
  });

  it.each<[string, Recipe]>([
    ["kubeadm", tried],
    ["RKE2", filesOf("rke2")],
    ["Talos", talos()],
  ])("of %s names a certificate and the key that belongs to it", (_, { users: [user] }) => {
    const { "client-certificate": certificate, "client-key": key } = user!.user;
    expect([certificate.endsWith(".crt"), key]).toEqual([true, certificate.replace(/\.crt$/, ".key")]);
  });

  it("of kind mounts kubeadm's files where kubeadm's recipe has them", () => {
    const { nodes } = read("kind/cluster.yaml") as {
      nodes: { extraMounts: object[]; kubeadmConfigPatches: string[] }[];
    };
    const kubeadm = read("kubeadm/cluster-configuration.yaml") as {
      apiServer: { extraArgs: { name: string; value: string }[]; extraVolumes: object[] };
    };
    const patch = parse(nodes[0]!.kubeadmConfigPatches[0]!) as {
      apiServer: { extraArgs: Record<string, string>; extraVolumes: object[] };
    };
    const [{ name, value }] = kubeadm.apiServer.extraArgs as [{ name: string; value: string }];
    expect(patch.apiServer.extraArgs).toEqual({ [name]: value });
    expect(patch.apiServer.extraVolumes).toEqual(kubeadm.apiServer.extraVolumes);
    expect(nodes[0]!.extraMounts).toMatchObject([{ hostPath: `${FOLDER}/kubeadm` }]);
  });
});
