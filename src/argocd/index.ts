export { type ArgoCdClient, type ArgoCdReplica, createArgoCd } from "./client.ts";
