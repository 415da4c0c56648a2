/** A glob of ours, and what differs from the foreign one. */
export interface Glob {
  readonly glob: string;
  /** What the foreign one says that ours cannot: it names a tag, or matches only some references. */
  readonly loss?: { readonly effect: "weaker" | "stricter" | "differs"; readonly why: string };
}

const NO_REGISTRY = "globs of ours begin with a registry; it is taken for every image";
const HUB = /^(?:index\.docker\.io|registry-1\.docker\.io)\//;

/**
 * A glob of a ClusterImagePolicy. It is compared with the whole reference, which ends in a digest once the tag is
 * resolved: without a star at the end it matches nothing. Images that no policy matches are refused there, so that
 * whatever widens a glob makes the policy weaker. Source: sigstore/policy-controller, pkg/apis/glob.
 */
export function policyControllerGlob(text: string): Glob {
  if (text === "*") return { glob: "docker.io/library/*" };
  if (text === "*/*") return { glob: "docker.io/*/*" };
  const [name, tag] = cutTag(text.replace(HUB, "docker.io/"));
  if (hasNoRegistry(name)) return { glob: "**", loss: { effect: "weaker", why: NO_REGISTRY } };
  const glob = withRegistry(name);
  if (tag === undefined) {
    if (name.endsWith("*")) return { glob };
    const why = "without a star at the end it matches no image by digest; ours matches the repository";
    return { glob, loss: { effect: "weaker", why } };
  }
  if (/^\*+$/.test(tag))
    return { glob, loss: { effect: "differs", why: "ours also covers images that are named without a tag" } };
  return {
    glob,
    loss: { effect: "weaker", why: `ours cover repositories whatever their tag, not only ${tag}` },
  };
}

/**
 * An image reference of Kyverno's, where `*` crosses slashes. Images that no rule matches pass there, so that whatever
 * widens it makes the policy stricter.
 */
export function kyvernoGlob(text: string): Glob {
  const widened = text.replaceAll("?", "*").replaceAll(/\*+/g, "**");
  const [name, tag] = cutTag(widened.replace(HUB, "docker.io/"));
  if (hasNoRegistry(name)) return { glob: "**", loss: { effect: "stricter", why: NO_REGISTRY } };
  const glob = withRegistry(name.replace(/@.*$/, ""));
  if (text.includes("?")) return { glob, loss: { effect: "stricter", why: "? stands for any text here" } };
  if (tag === undefined || tag === "**") return { glob };
  return {
    glob,
    loss: { effect: "stricter", why: `ours cover repositories whatever their tag, not only ${tag}` },
  };
}

/** `**foo*`: its first part may stand for registries and for repositories. */
function hasNoRegistry(name: string): boolean {
  return name.startsWith("**") && name !== "**" && !name.includes("/");
}

/** A colon after the last slash begins a tag. */
function cutTag(text: string): [string, string | undefined] {
  const at = text.lastIndexOf(":");
  if (at < 0 || text.includes("/", at) || /^[^/]*:\d+$/.test(text)) return [text, undefined];
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Docker Hub's short names written out. */
function withRegistry(name: string): string {
  const [first = "", ...rest] = name.split("/");
  if (first === "**" || (rest.length > 0 && (/[.:*]/.test(first) || first === "localhost"))) {
    return first === "docker.io" && rest.length === 1 && !rest[0]!.includes("*")
      ? `docker.io/library/${rest[0]!}`
      : name;
  }
  return rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}
