export { createGitHub, type GitHub, type Issue, type Pull, type Review } from "./github.ts";
export { createOutbound, OutboundError } from "./outbound.ts";
export { postToSlack, slackText } from "./slack.ts";
