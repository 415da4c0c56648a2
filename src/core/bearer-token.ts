const MAX = 16 * 1024;

/** The token of an Authorization header; empty where there is none, or one that no cluster would have issued. */
export function bearerToken(header: string | undefined): string {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header?.slice(0, MAX + 1) ?? "")?.[1] ?? "";
  return token.length > MAX ? "" : token;
}
