export { followCaFile } from "./ca-file.ts";
export { OutboundError, createOutbound } from "./call.ts";
export { failureKind } from "./failure-kind.ts";
export { type Environment, NO_FORWARD_PROXY, type ProxyFor, proxyFromEnvironment } from "./forward-proxy.ts";
export { type Forwarding, type ForwardingOptions, createForwarding, forwardFetch } from "./forwarding.ts";
export { type Comment, type GitHub, type Issue, type Pull, type Review, createGitHub } from "./github.ts";
export { ProxyError } from "./proxy-error.ts";
export { type SlackMessage, messagesOf, postToSlack, slackText } from "./slack.ts";
export { type TrustedAuthorities, trustAuthorities } from "./trust-authorities.ts";
