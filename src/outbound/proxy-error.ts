/** The forward proxy, and not the host behind it, is why there is no connection. The message holds no credentials. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** The operating system's or the library's code, where there is one. */
  readonly code: string | undefined;

  /** `what` is a clause such as `answered HTTP 407`. */
  constructor(proxy: URL, what: string, options?: ErrorOptions & { code?: string | undefined }) {
    super(`the forward proxy ${proxy.host} ${what}`, options);
    this.code = options?.code;
  }
}

const STATUS = /^Proxy response \((\d{3})\)/;
const UNAUTHORIZED = /^Proxy Authentication Required/;

/** An error of undici's ProxyAgent as a ProxyError where it is the proxy's, and as it is where it is the host's. */
export function proxyErrorOf(error: Error, proxy: URL): Error {
  if (error instanceof ProxyError) return error;
  const status = STATUS.exec(error.message)?.[1] ?? (UNAUTHORIZED.test(error.message) ? "407" : undefined);
  if (status !== undefined) return new ProxyError(proxy, `answered HTTP ${status}`, { cause: error });
  return error;
}

/** Why no connection to the proxy itself could be made. */
export function unreachable(error: Error, proxy: URL): ProxyError {
  const { code = error.name } = error as NodeJS.ErrnoException;
  return new ProxyError(proxy, `cannot be reached (${code})`, { cause: error, code });
}
