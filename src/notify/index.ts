export { type Comment, createGitHub, type GitHub, type Issue, type Pull, type Review } from "./github.ts";
export { createOutbound, OutboundError } from "./outbound.ts";
export { messagesOf, postToSlack, type SlackMessage, slackText } from "./slack.ts";
