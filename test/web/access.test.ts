/** The access code in the address's fragment, and a real HTTP answer to it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  askAuth,
  joinClass,
  presentCode,
  presentCodeUntilAnswered,
  takeFragmentCode,
} from "../../web/access.ts";

describe("a code in the fragment", () => {
  const taken = (hash: string, name?: "t" | "join") => {
    const replaced: string[] = [];
    const history = {
      state: null,
      replaceState: (_state: unknown, _title: string, url?: string | URL | null) => {
        replaced.push(String(url));
      },
    };
    const location = { hash, pathname: "/wireside/", search: "?x=1" };
    return { code: takeFragmentCode(location, history, name), replaced };
  };

  test("is taken, and the address no longer carries it", () => {
    expect(taken("#t=7KQ42M")).toEqual({ code: "7KQ42M", replaced: ["/wireside/?x=1"] });
  });

  test("that is empty is removed as well, and counts as none", () => {
    expect(taken("#t=")).toEqual({ code: null, replaced: ["/wireside/?x=1"] });
  });

  test("is taken from beside a screen, which stays", () => {
    expect(taken("#t=7KQ42M&serve")).toEqual({
      code: "7KQ42M",
      replaced: ["/wireside/?x=1#serve"],
    });
    const { code, replaced } = taken("#t=7KQ42M&talk=tcp://127.0.0.1:9090");
    expect(code).toBe("7KQ42M");
    expect(replaced).toEqual(["/wireside/?x=1#talk=tcp%3A%2F%2F127.0.0.1%3A9090"]);
  });

  test("of a class is another than a secret, and both may stand there", () => {
    expect(taken("#join=7KQ42M", "join")).toEqual({
      code: "7KQ42M",
      replaced: ["/wireside/?x=1"],
    });
    expect(taken("#join=7KQ42M")).toEqual({ code: null, replaced: [] });
  });

  test("is not looked for in another fragment", () => {
    expect(taken("#talk")).toEqual({ code: null, replaced: [] });
  });
});

let server: Server | null = null;
afterEach(() => server?.close());

/** A server that answers one status and text, and remembers what it was asked. */
async function answering(status: number, text = "") {
  const asked: { url: string; body: string; type: string }[] = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const type = request.headers["content-type"] ?? "";
    asked.push({ url: `${request.method} ${request.url}`, body, type });
    response.writeHead(status).end(text);
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}/below/`, asked };
}

describe("a code presented", () => {
  test("goes to the gateway as JSON, beside the page", async () => {
    const { base, asked } = await answering(204);
    expect(await presentCode("7KQ42M", base)).toBeNull();
    expect(asked).toEqual([
      { url: "POST /below/auth", body: '{"code":"7KQ42M"}', type: "application/json" },
    ]);
  });

  test("that is wrong is answered in a sentence, and so is trying too often", async () => {
    const wrong = await answering(401);
    expect(await presentCode("x", wrong.base)).toBe("That is not the code.");
    server?.close();
    const often = await answering(429);
    expect(await presentCode("x", often.base)).toContain("Too many tries");
  });

  test("to a gateway that is not there says so", async () => {
    const { base } = await answering(204);
    await new Promise((done) => server?.close(done));
    expect(await presentCode("x", base)).toContain("cannot be reached");
  });
});

describe("the code of a link", () => {
  test("is presented again until the gateway has answered, right or wrong", async () => {
    for (const [status, words] of [
      [204, null],
      [401, "That is not the code."],
    ] as const) {
      const { base, asked } = await answering(status);
      let lost = 0;
      // The way breaks once the request has arrived.
      server?.prependOnceListener("request", ({ socket }) => socket.destroy());
      const said = await presentCodeUntilAnswered("7KQ42M", base, () => lost++);
      expect([said, lost]).toEqual([words, 1]);
      expect(asked.at(-1)?.body).toBe('{"code":"7KQ42M"}');
      server?.close();
    }
  });
});

describe("joining a class", () => {
  test("sends code and name as they were typed, and is in with 204", async () => {
    const { base, asked } = await answering(204);
    expect(await joinClass("7kq 42m", "Trinity", base)).toBeNull();
    const body = '{"code":"7kq 42m","name":"Trinity"}';
    expect(asked).toEqual([{ url: "POST /below/join", body, type: "application/json" }]);
  });

  test("that is refused says why, and what the gateway suggests", async () => {
    const refused = { problem: "name-taken", suggestion: "Trinity 2" };
    const { base } = await answering(409, JSON.stringify(refused));
    expect(await joinClass("7KQ42M", "Trinity", base)).toEqual(refused);
  });

  test("is something else where no gateway of ours answers, or none at all", async () => {
    const { base } = await answering(502, "<h1>Bad gateway</h1>");
    expect(await joinClass("x", "y", base)).toEqual({ problem: "unexpected", detail: "502" });
    await new Promise((done) => server?.close(done));
    expect(await joinClass("x", "y", base)).toMatchObject({ problem: "unreachable" });
  });
});

describe("who this browser is", () => {
  test("is asked beside the page", async () => {
    const said = { required: true, ok: false, class: { name: "Networks 101", locked: true } };
    const { base, asked } = await answering(200, JSON.stringify(said));
    expect(await askAuth(base)).toEqual(said);
    expect(asked[0]?.url).toBe("GET /below/auth");
  });

  test("is not known where the answer is another's", async () => {
    const { base } = await answering(200, "<h1>Log in to the Wi-Fi</h1>");
    expect(await askAuth(base)).toBeNull();
    await new Promise((done) => server?.close(done));
    expect(await askAuth(base)).toBeNull();
  });
});
