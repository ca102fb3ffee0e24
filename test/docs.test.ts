/** The documents say what is true: links, settings, packages, the wire's tables and its example. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as bounds from "../shared/bounds.ts";
import { failureCodes, wireNumber } from "../shared/errors.ts";
import { decodeFrame } from "../shared/frames.ts";
import { CloseCode, GatewayMessage, PageMessage, parseMessage } from "../shared/protocol.ts";
import {
  anchorsOf,
  blocksOf,
  cellsOf,
  documents,
  linksOf,
  pathsOf,
  readDocument,
  settingsTable,
  tableBelow,
} from "./support/documents.ts";
import { startGateway } from "./support/gateway.ts";
import { ROOT } from "./support/imports.ts";
import { RawPage } from "./support/raw-page.ts";
import { closedPort } from "./support/tcp.ts";
import {
  inParts,
  meaningOf,
  readTranscript,
  type Said,
  sameEachTime,
} from "./support/transcript.ts";

const protocol = readDocument("docs/protocol.md");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** Why a link leads nowhere, or null. Other sites are not asked. */
function linkProblem(from: string, link: string): string | null {
  if (/^[a-z]+:/.test(link)) return URL.canParse(link) ? null : `${link} is no address`;
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? from : posix.join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return `${file} does not exist`;
  if (anchor === undefined || anchorsOf(readDocument(file)).includes(anchor)) return null;
  return `${file} has no heading #${anchor}`;
}

describe("documents", () => {
  test.each(documents())("%s has no link that leads nowhere", (file) => {
    const links = linksOf(readDocument(file));
    expect(links.map((link) => linkProblem(file, link)).filter((it) => it !== null)).toEqual([]);
  });

  test.each(documents())("%s names no file that does not exist", (file) => {
    const missing = pathsOf(readDocument(file)).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test.each(documents())("%s names no npm script that does not exist", (file) => {
    const named = [...readDocument(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
  });
});

describe("the README", () => {
  test("lists every setting with its default and its help, in the order of --help", () => {
    const shown = tableBelow(readDocument("README.md"), "## Settings");
    expect(shown).toEqual(settingsTable().slice(2).map(cellsOf));
  });
});

describe("the README and the build", () => {
  test("agree on the oldest browsers", () => {
    const [, targets = ""] =
      /target: \[("chrome[^\]]*)\]/.exec(readFileSync(join(ROOT, "vite.config.ts"), "utf8")) ?? [];
    const named = targets.match(/[a-z]+[\d.]+/g) ?? [];
    const readme = readDocument("README.md").toLowerCase().replaceAll(" ", "");
    expect(named).not.toEqual([]);
    for (const browser of named) expect(readme).toContain(browser);
  });
});

describe("docs/architecture.md", () => {
  test.each([
    ["dependencies", "### Installed with the package"],
    ["devDependencies", "### Needed to build and to test"],
  ])("says of each of the %s why it is there", (field, heading) => {
    const rows = tableBelow(readDocument("docs/architecture.md"), heading);
    const named = rows.flatMap(([names = ""]) => names.match(/[@\w][\w@./-]*/g) ?? []);
    expect(named.sort()).toEqual(Object.keys(manifest[field]).sort());
    for (const row of rows) expect(row[1]).toMatch(/\.$/);
  });
});

describe("docs/protocol.md", () => {
  test("has the bounds of shared/bounds.ts", () => {
    const rows = tableBelow(protocol, "## Bounds");
    const shown = rows.map(([, name = "", value]) => [name.replaceAll("`", ""), Number(value)]);
    const known = new Map(Object.entries(bounds));
    expect(shown).toEqual(shown.map(([name]) => [name, known.get(String(name))]));
  });

  test("has every close code", () => {
    const rows = tableBelow(protocol, "## Close codes");
    expect(rows.map(([code, name]) => [name, Number(code)])).toEqual(Object.entries(CloseCode));
  });

  test("has the number of every failure", () => {
    const rows = tableBelow(protocol, "## Numbers of failures in an RST");
    const shown = rows.map(([number, code]) => [Number(number), code]);
    expect(shown).toEqual(failureCodes.map((code) => [wireNumber(code), `\`${code}\``]));
  });

  test.each(blocksOf(protocol, "wire").map((block, i) => [i + 1, block] as const))(
    "decodes in its example %i to what stands below each frame",
    (_i, block) => {
      const transcript = readTranscript(block);
      expect(transcript).not.toEqual([]);
      for (const said of transcript) {
        if ("bytes" in said) expect(meaningOf(decodeFrame(said.bytes))).toBe(said.meaning);
        else parseMessage(said.by === "page" ? PageMessage : GatewayMessage, said.text);
      }
    },
  );
});

describe("the conversations of docs/protocol.md, said to a real gateway,", () => {
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  beforeAll(async () => {
    gateway = await startGateway(["--lessons", "accept,recv16"]);
  });
  afterAll(() => gateway.close());

  test("are answered as it says: the tutorial's, and then a refused one", async () => {
    const [talk = "", refused = ""] = blocksOf(protocol, "wire");
    const nobody = `127.0.0.1:${await closedPort()}`;
    const transcript = [
      ...readTranscript(here(talk)),
      ...readTranscript(refused.replaceAll("127.0.0.1:9", nobody)),
    ];
    const { origin } = new URL(gateway.url);
    const page = await RawPage.connect({ url: `${origin.replace("http", "ws")}/wire`, origin });
    for (const said of transcript) {
      if (said.by === "gateway") await answered(page, said);
      else page.ws.send("bytes" in said ? said.bytes : said.text);
    }
    const expected = transcript.filter(({ by }) => by === "gateway").flatMap(inParts);
    await expect.poll(() => answersOf(page).sort()).toEqual(expected.sort());
    page.ws.close();
    await page.closed;
  });

  /** With the ports that the lesson servers have here. */
  const here = (talk: string): string =>
    talk
      .replaceAll("127.0.0.1:8000", `127.0.0.1:${gateway.lessonPort}`)
      .replaceAll("127.0.0.1:8003", `127.0.0.1:${gateway.lessonPorts.recv16}`);

  const answersOf = (page: RawPage): string[] =>
    page.answers.flatMap((answer) => inParts("frame" in answer ? answer.frame : answer.text));

  /** Waits until the gateway has said this. */
  async function answered(page: RawPage, said: Said): Promise<void> {
    const wanted = sameEachTime(said);
    // Calls at the far end are compared when all is said: their place among the frames is chance.
    if ("text" in said && JSON.parse(said.text).type === "far") return;
    if ("bytes" in said) await page.binary((frame) => sameEachTime(frame) === wanted);
    else await page.text(JSON.parse(said.text).type, (text) => sameEachTime(text) === wanted);
  }
});
