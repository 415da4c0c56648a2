import { createHash } from "node:crypto";

import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** What differs from page to page. No part is text from outside: that belongs into the data. */
export interface PageParts {
  readonly title: string;
  /** HTML that is there before any script runs. */
  readonly body: string;
  /** Runs after `page` is defined and the data is there. */
  readonly script: string;
}

/** A page of ours, but for its data: that is written between the two parts. */
export interface Page {
  readonly before: string;
  readonly after: string;
}

/**
 * A self-contained page: it loads nothing, sends nothing, and runs no script but its own, by a Content-Security-Policy that
 * names the script's hash. Its data are elements that hold text and are never run; the script shows them as text.
 */
export function renderPage({ title, body, script }: PageParts): Page {
  const code = `${PAGE_SCRIPT}\n${script}`;
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(code)}`,
    `style-src ${sourceOf(PAGE_STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return {
    before: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${body}
`,
    after: `<script>${code}</script>
</body>
</html>
`,
  };
}

function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
