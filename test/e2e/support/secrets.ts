import type { Cluster } from "./cluster.ts";
import { RELEASE } from "./gate-release.ts";

/** The texts of a Secret in the release's namespace. Throws where there is none. */
export async function dataOf(
  { kubectlOk }: Cluster,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const { data } = JSON.parse(await kubectlOk(["-n", RELEASE, "get", "secret", name, "-o", "json"]));
  const entries = Object.entries(data as Record<string, string>);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

/** Puts texts into a Secret in the release's namespace, whatever else it holds; makes it where there is none. */
export async function applySecret(
  { kubectl, kubectlOk }: Cluster,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const inside = ["-n", RELEASE];
  const patch = JSON.stringify({ stringData });
  const { code } = await kubectl([...inside, "patch", "secret", name, "-p", patch]);
  if (code === 0) return;
  const object = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: RELEASE }, stringData };
  await kubectlOk(["create", "-f", "-"], { stdin: JSON.stringify(object) });
}
