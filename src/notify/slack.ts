import { checkedUrl, type Outbound } from "./outbound.ts";

const MOST_TEXT = 3500;

/** Posts a message by an incoming webhook. The address is the secret: it stands in no message. Rejects with OutboundError. */
export async function postToSlack(outbound: Outbound, webhook: string, text: string): Promise<void> {
  const url = checkedUrl(webhook, "the Slack webhook");
  await outbound.send({
    method: "POST",
    url,
    headers: {},
    body: { text: text.slice(0, MOST_TEXT) },
    doing: "post to Slack",
  });
}

/** Text that Slack shows as it is: no mention, no link. Source: docs.slack.dev, "Formatting message text". */
export function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
