import { UsageError } from "../core/index.ts";
import { type ProxyFor, proxyFromEnvironment } from "../outbound/index.ts";

/** The forward proxies that this process's environment names. Throws UsageError where one cannot be used. */
export function proxyOfProcess(): ProxyFor {
  try {
    return proxyFromEnvironment(process.env);
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message) : error;
  }
}
