import { checkedUrl, type Outbound, OutboundError } from "./call.ts";

/** Characters of one message. Source: docs.slack.dev, chat.postMessage: 4,000 are best, 40,000 are cut. */
const MAX_TEXT = 3500;
const MAX_SENT = 40_000;

/**
 * Posts a message by an incoming webhook, without formatting and previews. The address is the secret: it is in no
 * message. Rejects with OutboundError.
 */
export async function postToSlack(outbound: Outbound, webhook: string, text: string): Promise<void> {
  const url = checkedUrl(webhook, "the Slack webhook");
  if (text.length > MAX_SENT)
    throw new OutboundError(`a message is longer than ${MAX_SENT} characters`, false);
  await outbound.send({
    method: "POST",
    url,
    headers: {},
    body: { text, mrkdwn: false, unfurl_links: false, unfurl_media: false },
    doing: "post to Slack",
  });
}

/** One message, and which of the lines it holds. */
export interface SlackMessage<T> {
  readonly text: string;
  readonly of: readonly T[];
}

/** Messages of whole lines, each below the title, at most 3,500 characters each unless a line alone is longer. */
export function messagesOf<T>(
  title: string,
  entries: readonly T[],
  lineOf: (entry: T) => string,
): SlackMessage<T>[] {
  const messages: { text: string; of: T[] }[] = [];
  for (const entry of entries) {
    const line = `\n${lineOf(entry)}`;
    const last = messages.at(-1);
    if (last !== undefined && last.text.length + line.length <= MAX_TEXT) {
      last.text += line;
      last.of.push(entry);
    } else messages.push({ text: title + line, of: [entry] });
  }
  return messages;
}

/**
 * Text that Slack shows as it is, on one line: no mention, no link, no formatting where the message allows any. Addresses
 * are written so that nothing makes links of them. Source: docs.slack.dev, "Formatting message text".
 */
export function slackText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?")
    .replaceAll("://", "[:]//")
    .replaceAll(/\bwww\./gi, "www[.]")
    .replaceAll("`", "'")
    .replaceAll("*", "\u2217")
    .replaceAll("~", "\u223C")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
