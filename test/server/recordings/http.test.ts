/** Requests for kept conversations over real sockets: for the teacher alone, and no way to any other file. */

import { writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordingsRoutes } from "../../../server/app-recordings.ts";
import { recordingsAnswers } from "../../../server/recordings/http.ts";
import { Library } from "../../../server/recordings/library.ts";
import { RecordingsNow } from "../../../shared/classroom.ts";
import { read } from "../../../web/model/recording/jsonl.ts";
import { ask } from "../../support/http.ts";
import {
  conversation,
  filesIn,
  journalIn,
  opened,
  talk,
  type Workplace,
  workplace,
} from "../../support/kept.ts";

const TEACHER = { cookie: "teacher" };
const PAGE = { ...TEACHER, origin: "http://here" };

let place: Workplace;
let stops: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  place = workplace();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  place.remove();
});

/** The routes on a server of their own, below a base path. */
async function serve(library: Library | null) {
  const app = express();
  const answers = recordingsAnswers(library, { log: place.log, archive: "wireside-networks" });
  app.use(
    "/base/",
    recordingsRoutes({
      answers,
      isTeacher: ({ headers: { cookie, authorization } }) =>
        cookie === "teacher" || authorization === "Bearer teacher",
      isSameOrigin: ({ headers }) => headers.origin === "http://here",
    }),
  );
  const server = createServer(app).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/recordings`;
}

async function start() {
  const { shelf, journal } = journalIn(place);
  stops.push(() => journal.close());
  for (const n of [1, 2]) {
    const one = conversation(n);
    journal.began(one);
    for (const event of opened) journal.event(one, event);
    journal.event(one, talk()("out", `from ${n}`));
  }
  journal.over(conversation(1));
  await journal.flush();
  return { url: await serve(new Library(shelf, journal)), shelf, journal };
}

/** A path as it is, which URL would tidy up. */
function askRaw(url: string, path: string, method = "GET"): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers: PAGE, agent: false });
    request.on("response", (response) => resolve(response.resume().statusCode ?? 0));
    request.on("error", reject).end();
  });
}

describe("the teacher", () => {
  test("gets the list, as the page understands it, and nobody stores it on the way", async () => {
    const { url } = await start();
    const { status, headers, body } = await ask(url, { headers: TEACHER });
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    const { recordings } = v.parse(RecordingsNow, JSON.parse(body));
    expect(recordings.map(({ student, live }) => [student, live])).toEqual([
      ["student 2", true],
      ["student 1", false],
    ]);
  });

  test("gets one as a file, by its id", async () => {
    const { url, shelf } = await start();
    for (const { id, bytes } of shelf.list()) {
      const { status, headers, body } = await ask(`${url}/${id}`, { headers: TEACHER });
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        "content-type": "application/jsonl",
        "content-disposition": `attachment; filename="${id}.jsonl"`,
        "content-length": `${bytes}`,
        "cache-control": "no-store",
      });
      expect(read(body)).toMatchObject({ problem: null, recording: { forgotten: 0 } });
    }
  });

  test("gets all of them as a zip archive", async () => {
    const { url } = await start();
    const { status, headers, body } = await ask(`${url}.zip`, { headers: TEACHER });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/zip");
    expect(headers["content-disposition"]).toBe('attachment; filename="wireside-networks.zip"');
    expect(body.startsWith("PK")).toBe(true);
  });

  test("is told the size of one without its bytes", async () => {
    const { url, shelf } = await start();
    const [{ id = "", bytes = 0 } = {}] = shelf.list();
    const answer = await ask(`${url}/${id}`, { method: "HEAD", headers: TEACHER });
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(answer.headers["content-length"]).toBe(`${bytes}`);
  });

  test("deletes one, and then all", async () => {
    const { url, shelf } = await start();
    const [two, one] = shelf.list();
    const removed = await ask(`${url}/${one?.id}`, { method: "DELETE", headers: PAGE });
    expect(removed.status).toBe(204);
    expect(filesIn(place.folder)).toEqual([`${two?.id}.jsonl`]);
    const again = await ask(`${url}/${one?.id}`, { method: "DELETE", headers: PAGE });
    expect(again.status).toBe(404);
    expect((await ask(url, { method: "DELETE", headers: PAGE })).status).toBe(204);
    expect(shelf.list().map(({ id }) => id)).not.toContain(two?.id);
  });

  test("deletes with a program too, which has no Origin but shows the secret itself", async () => {
    const { url, shelf } = await start();
    const [{ id = "" } = {}] = shelf.list();
    const authorization = "Bearer teacher";
    const headers = { authorization, origin: "http://evil.test" };
    expect((await ask(`${url}/${id}`, { method: "DELETE", headers })).status).toBe(403);
    const program = { method: "DELETE", headers: { authorization } };
    expect((await ask(`${url}/${id}`, program)).status).toBe(204);
  });

  test("reads why not everything is kept", async () => {
    const library = { list: () => ({ recordings: [], problem: "The disk is full." }) };
    const url = await serve(library as unknown as Library);
    const { body } = await ask(url, { headers: TEACHER });
    expect(v.parse(RecordingsNow, JSON.parse(body)).problem).toBe("The disk is full.");
  });

  test("is told when nothing is kept", async () => {
    const url = await serve(null);
    for (const path of ["", ".zip", "/20261124T121403648Z-trinity-0123abcd"]) {
      const { status, body } = await ask(`${url}${path}`, { headers: TEACHER });
      expect(status).toBe(404);
      expect(JSON.parse(body)).toEqual({ error: "Nothing is kept: --data is not set." });
    }
  });
});

describe("others", () => {
  test("get nothing, and delete nothing", async () => {
    const { url, shelf } = await start();
    const before = filesIn(place.folder);
    const [{ id = "" } = {}] = shelf.list();
    for (const path of ["", ".zip", `/${id}`]) {
      for (const method of ["GET", "HEAD", "DELETE"]) {
        for (const headers of [{}, { cookie: "student" }, { origin: "http://here" }]) {
          const { status, body } = await ask(`${url}${path}`, { method, headers });
          expect(status).toBe(403);
          expect(body).not.toContain("student 1");
        }
      }
    }
    expect(filesIn(place.folder)).toEqual(before);
  });

  test("cannot delete through the teacher's browser: the page has to be the gateway's own", async () => {
    const { url, shelf } = await start();
    const before = filesIn(place.folder);
    const [{ id = "" } = {}] = shelf.list();
    for (const origin of ["http://evil.test", "null", ""]) {
      const headers = { ...TEACHER, ...(origin && { origin }) };
      for (const path of ["", `/${id}`]) {
        expect((await ask(`${url}${path}`, { method: "DELETE", headers })).status).toBe(403);
      }
    }
    expect(filesIn(place.folder)).toEqual(before);
  });
});

describe("paths", () => {
  test("lead to kept conversations alone", async () => {
    const { url } = await start();
    writeFileSync(join(place.directory, "secret.jsonl"), "secret");
    const { pathname } = new URL(url);
    for (const id of [
      "../secret",
      "..%2fsecret",
      "..%2Fsecret.jsonl",
      "%2e%2e%2fsecret",
      "..%5csecret",
      "%00",
      "conversations.index",
      "20261124T121403648Z-..%2f..%2fsecret-0123abcd",
      "20261124T121403648Z-trinity-0123abcd.jsonl",
      "x".repeat(4000),
      "__proto__",
      "%zz",
    ]) {
      for (const method of ["GET", "DELETE"]) {
        expect([400, 404]).toContain(await askRaw(url, `${pathname}/${id}`, method));
      }
    }
    expect(filesIn(place.folder)).toHaveLength(2);
  });
});
