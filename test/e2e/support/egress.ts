import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";

/** What the API server has for services of this cluster goes to a port of this machine while this runs. */
export interface Egress {
  /** Hosts that were asked for, such as `10.96.1.2:443`. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Listens at the cluster's egress socket. Source: Kubernetes, EgressSelectorConfiguration, protocol HTTPConnect. */
export async function startEgress(socketPath: string, port: number): Promise<Egress> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer();
  server.on("connect", ({ url = "" }, client: Socket) => {
    asked.push(url);
    const target = connect({ host: "127.0.0.1", port }, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    asked,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(socketPath, { force: true });
    },
  };
}
