/** The access code in the address's fragment, and a real HTTP answer to it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { presentCode, takeFragmentCode } from "../../web/access.ts";

describe("a code in the fragment", () => {
  const taken = (hash: string) => {
    const replaced: string[] = [];
    const history = {
      state: null,
      replaceState: (_state: unknown, _title: string, url?: string | URL | null) => {
        replaced.push(String(url));
      },
    };
    const location = { hash, pathname: "/wireside/", search: "?x=1" };
    return { code: takeFragmentCode(location, history), replaced };
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

  test("is not looked for in another fragment", () => {
    expect(taken("#talk")).toEqual({ code: null, replaced: [] });
  });
});

describe("a code presented", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  /** A server that answers one status and remembers what it was asked. */
  async function answering(status: number) {
    const asked: { url: string; body: string; type: string }[] = [];
    server = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      const type = request.headers["content-type"] ?? "";
      asked.push({ url: `${request.method} ${request.url}`, body, type });
      response.writeHead(status).end();
    });
    await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    return { base: `http://127.0.0.1:${port}/below/`, asked };
  }

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
