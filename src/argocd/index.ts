export { type ArgoCdClient, createArgoCd } from "./client.ts";
