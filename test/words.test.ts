import { globSync, readFileSync } from "node:fs";

import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, it } from "vitest";

/**
 * Words and phrases that this project does not use, since they read as a translation or are vague, each with what to write
 * instead. A phrase is a regular expression in which a space stands for any white space, line breaks included.
 */
const WORDS: readonly (readonly [phrase: string, instead: string])[] = [
  ["mend(?:s|ed|ing)?", "fix, repair"],
  ["anew", "again"],
  ["whoever|whomever", "anyone who; or name the person: the requester, the author"],
  ["nobody", "no one; or say what is missing: it is not used, no rule covers it"],
  ["(?:some|any|every)body", "someone, anyone, everyone"],
  ["st(?:and(?:s|ing)?|ood)(?!-| in )", "is, is in, is written in, counts as"],
  ["stands? in(?! for| while)", "is in, is written in"],
  ["(?:has|have|had) to do(?: with it)?", "say what was used or done"],
  ["look(?:s|ed|ing)? at", "check, inspect, read"],
  ["for want of", "without, because there is no"],
  ["(?:tell|tells|told) of", "report, name"],
  ["(?:is|are|was|were) told(?! to)", "is reported"],
  ["(?<!there )(?:is|are|was|were) no(?! longer| more| one)", "is not a"],
  ["of wh(?:ich|om)(?! [\\d,]+)", "whose; or another sentence"],
  ["besides?", "next to, in addition to, as well"],
  ["lets? (?:[\\w-]+ ){0,4}through", "admit"],
  ["g(?:o|oes|one|oing) on|went on", "continue, keep"],
  ["(?:take|takes|took|taking) the right", "require the right"],
  ["as ever", "as always, as usual"],
  ["in vain", "without success, cannot"],
  ["upon", "on"],
  ["(?:an?|no) [\\w-]+ of (?:its|their|your|our) own", "its own, a separate"],
  ["c(?:o|a)mes? of (?:it|this|that)", "the result"],
  ["(?:in|out)side of", "inside, outside"],
  ["held (?:by|against|to)", "tested by, checked against"],
  ["in (?:its|their) place", "instead"],
  ["in the place of", "instead of, replaces"],
  ["and (?:its|the) likes?", "and similar ones"],
  ["(?:do|does|means?) (?:no )?harm", "is harmless, is hostile"],
  ["some (?:hundreds?|tens|milliseconds|microseconds)", "a few, hundreds of"],
  ["laps(?:e|es|ed)", "expire"],
  ["thereof|therein|hereby|whence|thence", "plain words"],
];

/** Where English is written. A reader returns the text with everything but English blanked out, lines kept. */
const SOURCES = {
  Markdown: {
    /** Fewer files mean that this test no longer reads what it should. */
    least: 55,
    files: () => globSync(["*.md", ".github/**/*.md", "{bench,charts,test}/**/*.md", "docs/**/*.md"]),
    english: englishInMarkdown,
  },
  "text in code": {
    least: 350,
    files: () => globSync(["{src,scripts}/**/*.ts"], { exclude: ["**/*.test.ts"] }),
    english: englishInCode,
  },
  "comments in code": {
    least: 350,
    files: () => globSync(["{src,scripts}/**/*.ts"], { exclude: ["**/*.test.ts"] }),
    english: englishInComments,
  },
} as const;

/** Values that are not messages, and that a change of words would change. */
const NOT_ENGLISH = ["mc-gate: a key that nobody holds"];

/** Prose, and the comments in examples; no code, no addresses. */
function englishInMarkdown(text: string): string {
  return text
    .replaceAll(/^( *)```[^\n]*\n[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/^(?!.*# ).*$|^.*?# /gm, ""))
    .replaceAll(/(`+)[^`](?:[\s\S]*?[^`])?\1(?!`)|\]\([^)]*\)|https?:\/\/\S+/g, blank);
}

/** String literals with a space in them, each with the character on either side of it; no comments. */
function englishInCode(text: string): string {
  const sentences: [start: number, end: number][] = [];
  const keep = ({ start, end }: { start: number; end: number }): void => {
    const sentence = text.slice(start, end);
    if (sentence.includes(" ") && !NOT_ENGLISH.includes(sentence)) sentences.push([start - 1, end + 1]);
  };
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === "string") keep({ start: node.start + 1, end: node.end - 1 });
    },
    TemplateElement: keep,
  }).visit(parseSync("text.ts", text).program);
  return only(sentences, text);
}

/** Comments, without what is quoted in them. */
function englishInComments(text: string): string {
  const comments = parseSync("text.ts", text).comments.map(({ start, end }): [number, number] => [
    start,
    end,
  ]);
  return only(comments, text)
    .replaceAll(/`[^`\n]*`|"[^"\n]*"|https?:\/\/\S+/g, blank)
    .replaceAll(/^ *\*/gm, " ");
}

/** These parts of a text, and blanks for all the rest. */
function only(parts: readonly (readonly [start: number, end: number])[], text: string): string {
  const blanks = text.replaceAll(/[^\n]/g, " ");
  let at = 0;
  const pieces = parts
    .toSorted(([one], [other]) => one - other)
    .map(([start, end]) => {
      const piece = blanks.slice(at, start) + text.slice(Math.max(at, start), end);
      at = end;
      return piece;
    });
  return pieces.join("") + blanks.slice(at);
}

/** Line breaks alone, so that lines keep their numbers. */
function blank(text: string): string {
  return `\`${text.replaceAll(/[^\n]/g, "")}\``;
}

const PATTERNS = WORDS.map(([phrase, instead]) => ({
  pattern: new RegExp(`\\b(?:${phrase.replaceAll(" ", String.raw`\s+`)})(?![\\w])`, "gi"),
  instead,
}));

/** Every word of the list in a text, as `file:line: "word", write …`. */
function wordsIn(file: string, english: string): string[] {
  return PATTERNS.flatMap(({ pattern, instead }) =>
    [...english.matchAll(pattern)].map(({ 0: word, index }) => {
      const line = english.slice(0, index).split("\n").length;
      return `${file}:${line}: "${word.replaceAll(/\s+/g, " ").trim()}", write: ${instead}`;
    }),
  );
}

describe("the words of the project", () => {
  it.each(Object.entries(SOURCES))("%s uses none of the list", (_, { files, english, least }) => {
    const found = files();
    expect(found.length).toBeGreaterThanOrEqual(least);
    expect(found.flatMap((file) => wordsIn(file, english(readFileSync(file, "utf8"))))).toEqual([]);
  });

  it("finds a word with its line and what to write, over a line break, but not in code", () => {
    const page = ["# `Title", "mend` is code, [text](mend.md) an address. Somebody", "looked", "at it.", ""];
    const example = ["```sh", "mc mend    # whoever runs this", "```"];
    expect(wordsIn("a.md", englishInMarkdown([...page, ...example].join("\n")))).toEqual([
      'a.md:7: "whoever", write: anyone who; or name the person: the requester, the author',
      'a.md:2: "Somebody", write: someone, anyone, everyone',
      'a.md:3: "looked at", write: check, inspect, read',
    ]);
  });

  it("finds a word in a string or a template of code with its line, but not in a comment, a name or a key", () => {
    const code = [
      'const mend = "mend"; // whoever reads this',
      "const told = `no room for ${nobody(mend)},",
      "so ${nobody} is told anew`;",
      'throw new Error("this is no digest");',
    ];
    expect(wordsIn("a.ts", englishInCode(code.join("\n")))).toEqual([
      'a.ts:3: "anew", write: again',
      'a.ts:3: "is told", write: is reported',
      'a.ts:4: "is no", write: is not a',
    ]);
  });

  it("finds a word in a comment with its line, over a line break, but not in code or where it is quoted", () => {
    const code = [
      "/**",
      ' * Says "anew", `mend` and https://a.test/upon, as',
      " * ever.",
      " */",
      'const nobody = "whoever"; // nobody\'s',
    ];
    expect(wordsIn("a.ts", englishInComments(code.join("\n")))).toEqual([
      'a.ts:5: "nobody", write: no one; or say what is missing: it is not used, no rule covers it',
      'a.ts:2: "as ever", write: as always, as usual',
    ]);
  });

  it("finds each phrase of the list in a text that has it", () => {
    const texts = [
      "He had to do it.",
      "There is no rule, and this is no rule.",
      "It stands in the file.",
      "a key of its own",
    ];
    expect(texts.map((text) => wordsIn("a.md", text).length)).toEqual([1, 1, 1, 1]);
    expect(
      wordsIn("a.md", "There is no longer one; it is no longer there; a copy stands in for it."),
    ).toEqual([]);
  });
});
