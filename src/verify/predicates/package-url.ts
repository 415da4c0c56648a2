const MAX_URL = 2048;

/**
 * The names that scanners give to the package of a package URL: with and without its namespace, which ecosystems join
 * by a slash or a colon. None where the text is not a package URL. Source: package-url/purl-spec,
 * PURL-SPECIFICATION.rst.
 */
export function packageNames(url: unknown): string[] {
  if (typeof url !== "string" || url.length > MAX_URL) return [];
  const path = /^pkg:\/{0,2}([^?#]+)/.exec(url)?.[1];
  const parts = path
    ?.replace(/@[^/@]*$/, "")
    .split("/")
    .map(decoded);
  if (parts === undefined || parts.length < 2 || parts.includes(undefined)) return [];
  const [type, ...segments] = parts as string[];
  const name = segments.at(-1)!;
  const space = segments.slice(0, -1).join("/");
  if (space === "") return [name];
  // distributions are namespaces that no scanner writes; elsewhere the bare name would be another package's
  const isDistribution = ["deb", "rpm", "apk", "alpm"].includes(type!);
  return isDistribution ? [name] : [`${space}/${name}`, `${space}:${name}`];
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
