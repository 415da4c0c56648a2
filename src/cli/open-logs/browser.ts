import { spawn } from "node:child_process";

import { say } from "../terminal.ts";

const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens a page with $BROWSER, or as the desktop does. Where that fails it says so: the address has been printed. */
export function openBrowser(url: string): void {
  if (!URL.canParse(url) || !["https:", "http:"].includes(new URL(url).protocol)) {
    say("The address is not a web page's, and is not opened.");
    return;
  }
  const own = process.env["BROWSER"];
  const [program, ...args] =
    own === undefined || own === "" ? (PROGRAMS[process.platform] ?? ["xdg-open"]) : ([own] as const);
  const child = spawn(program, [...args, url], { detached: true, stdio: "ignore" });
  child.on("error", ({ message }) => say(`Cannot open a browser: ${message}.`));
  child.unref();
}
