import { z } from "zod";

import { compileGlob, Duration, type Pattern } from "../core/index.ts";

const MAX_TEXT = 512;
const HUB_ALIASES: readonly string[] = ["index.docker.io", "registry-1.docker.io"];

/** A glob over full repository names, registry included: `*` stays in a segment, `**` crosses. */
export const ImageGlob = globOver("image", deadImageGlob);

/** A glob over namespace names. */
export const NamespaceGlob = globOver("namespace", (glob) =>
  /^[a-z0-9*-]+$/.test(glob) ? undefined : "a namespace has only lower-case letters, digits and dashes",
);

/** The oldest that signed evidence may be, in ms. */
export const MaxAge = Duration.optional().describe(
  "Maximum age: by the trusted time of its signature, or by its own time if that is older.",
);

function globOver(what: string, deadBecause: (glob: string) => string | undefined) {
  return z
    .string()
    .min(1, "Empty: it would match nothing.")
    .max(MAX_TEXT)
    .transform((text, context): Pattern => {
      const compiled = compileGlob(text);
      const why = compiled.ok ? deadBecause(text) : compiled.why;
      if (compiled.ok && why === undefined) return compiled.pattern;
      const message = `The ${what} glob: ${why ?? ""}.`;
      context.addIssue({ code: "custom", params: { rule: "bad-glob" }, message });
      return z.NEVER;
    });
}

/** Why no image can ever match a glob: a rule that never holds looks like one that does. */
function deadImageGlob(glob: string): string | undefined {
  if (glob === "**") return undefined;
  const [host, ...path] = glob.split("/");
  const name = path.join("/");
  if (path.length === 0 || !/^localhost$|[.:*]/.test(host!))
    return "it does not begin with a registry; write it out, such as docker.io/library/nginx";
  if (name.includes(":")) return "it contains a tag; globs match repositories, whatever their tag";
  if (glob !== glob.toLowerCase()) return "it contains upper-case letters; names are matched in lower case";
  if (HUB_ALIASES.includes(host!)) return `${host!} is matched under its usual name, docker.io`;
  if (host === "docker.io" && !/[/*]/.test(name))
    return `Docker Hub's full name for it is docker.io/library/${name}`;
  return path.includes("") ? "it contains an empty part between slashes" : undefined;
}
