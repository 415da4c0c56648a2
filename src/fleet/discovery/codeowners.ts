import ignore from "ignore";

/** Where GitHub looks for the file; the first that is there counts. */
export const CODEOWNERS_FILES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

/** GitHub reads no larger file. */
const MAX_BYTES = 3 * 1024 * 1024;
const MAX_LINES = 10_000;

/** A line of the file. */
interface Rule {
  readonly pattern: string;
  readonly owners: readonly string[];
}

/** Owners of a path by the last line that matches, as GitHub reads it; none where no line does, or it names none. */
export function ownersOf(text: string, path: string): readonly string[] {
  return rulesIn(text).findLast(({ pattern }) => matches(pattern, path))?.owners ?? [];
}

/** Lines that GitHub cannot use (a negation, a character class) are left out, as GitHub does. */
function rulesIn(text: string): Rule[] {
  if (Buffer.byteLength(text) > MAX_BYTES) return [];
  return text
    .split(/\r?\n/, MAX_LINES)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("!") && !line.includes("["))
    .map((line) => {
      const [pattern = "", ...owners] = line.split(/\s+/);
      return { pattern, owners };
    });
}

/** `dir/*` names files of the folder itself only, unlike in .gitignore. */
function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith("/*")) {
    const folder = pattern.slice(pattern.startsWith("/") ? 1 : 0, -2);
    if (path.slice(0, path.lastIndexOf("/")) !== folder) return false;
  }
  return ignore().add(pattern).ignores(path);
}

/** Users and teams that GitHub can ask for a review; addresses of mail cannot be asked. */
export function reviewersOf(owners: readonly string[]): { users: string[]; teams: string[] } {
  const names = owners.filter((owner) => owner.startsWith("@")).map((owner) => owner.slice(1));
  return {
    users: names.filter((name) => !name.includes("/")),
    teams: names.filter((name) => name.includes("/")).map((name) => name.slice(name.indexOf("/") + 1)),
  };
}
