/** `token` of RFC 9110 §5.6.2. */
export const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** `quoted-string` of RFC 9110 §5.6.4, its content as the first group, escapes included. */
export const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;

/** Takes what a sticky pattern matches right here, or nothing. */
export type Scan = (pattern: RegExp) => RegExpExecArray | undefined;

/** Matches one sticky pattern after another, from where the last match ended. */
export function scanner(text: string): Scan {
  let at = 0;
  return (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
}

/** The content of a quoted string with its escapes resolved. */
export function unescaped(content: string): string {
  return content.replaceAll(/\\([^])/g, "$1");
}
