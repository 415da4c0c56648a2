export { markdownText } from "./markdown.ts";
export { type Page, type PageParts, renderPage } from "./page.ts";
