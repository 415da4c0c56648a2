const SPECIAL = /[\\`*_{}[\]()#+!|<>&~]|(?<!\w)@|:(?=\/)|(?<=www)\./gi;

/** Text from outside as Markdown that shows it: no link, no HTML, no table cell of its own. */
export function markdownText(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ").replace(SPECIAL, (each) => `&#${each.codePointAt(0)};`);
}
