import { createServer } from "node:net";

const EVERY_ADDRESS = "::";
const EVERY_IPV4_ADDRESS = "0.0.0.0";

/** `::` takes IPv4 as well; where the machine has no IPv6 it comes to every IPv4 address, as it does for Go's programs. */
export async function listenAddress(
  address: string,
  canListenAt: (address: string) => Promise<boolean> = tryToListen,
): Promise<string> {
  if (address !== EVERY_ADDRESS || (await canListenAt(address))) return address;
  return EVERY_IPV4_ADDRESS;
}

function tryToListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen({ host, port: 0 }, () => server.close(() => resolve(true)));
  });
}
