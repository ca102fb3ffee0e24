/** A gateway with a class in this process, and people who come in as browsers do: a cookie, then a WebSocket. */
import type { ClassAction, ClassNow } from "../../shared/classroom.ts";
import { startGateway } from "./gateway.ts";
import { type Answer, ask } from "./http.ts";
import { RawPage, type Resume } from "./raw-page.ts";

export type ClassGateway = Awaited<ReturnType<typeof startClassGateway>>;

/** Starts a class that only this machine can reach. */
export async function startClassGateway(flags: readonly string[] = []) {
  const server = await startGateway(["--class", "--host", "127.0.0.1", ...flags]);
  const { classroom } = server;
  if (!classroom) throw new Error("no class");
  const { origin } = new URL(server.url);
  const place = { origin, url: `${server.url.replace("http", "ws")}wire` };
  const post = (path: string, body: unknown, cookie?: string): Promise<Answer> =>
    ask(`${server.url}${path}`, {
      method: "POST",
      headers: { origin, "content-type": "application/json", ...(cookie && { cookie }) },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  /** The cookie of a 204. */
  async function cookieOf(answer: Promise<Answer>): Promise<string> {
    const { status, headers, body } = await answer;
    if (status !== 204) throw new Error(`${status}: ${body}`);
    return (headers["set-cookie"]?.[0] ?? "").split(";", 1)[0] ?? "";
  }

  async function enter(cookie: string, resume?: Resume): Promise<ClassPerson> {
    const page = await RawPage.connect(place, { cookie });
    page.hello(resume);
    const { sid, token, epoch } = await page.text("welcome");
    return new ClassPerson(page, cookie, { sid, token, epoch, channels: [] });
  }

  return {
    server,
    classroom,
    origin,
    place,
    post,
    enter,
    auth: async (cookie?: string) =>
      JSON.parse((await ask(`${server.url}auth`, cookie ? { headers: { cookie } } : {})).body),
    passOf: (name: string, code = classroom.code) => cookieOf(post("join", { code, name })),
    teacherPass: () => cookieOf(post("auth", { code: classroom.teacherSecret })),
    watchPass: () => cookieOf(post("auth", { code: classroom.watchSecret })),
    async student(name: string): Promise<ClassPerson> {
      return enter(await this.passOf(name));
    },
    async teacher(): Promise<ClassPerson> {
      return enter(await this.teacherPass());
    },
    async watcher(): Promise<ClassPerson> {
      return enter(await this.watchPass());
    },
    close: server.close,
  };
}

/** Somebody of the class with a page. */
export class ClassPerson {
  readonly page: RawPage;
  readonly cookie: string;
  readonly resume: Resume;
  #asked = 0;

  constructor(page: RawPage, cookie: string, resume: Resume) {
    this.page = page;
    this.cookie = cookie;
    this.resume = resume;
  }

  /** What the page was told last of its class, once it fits. */
  now(fits: (now: ClassNow) => boolean = () => true): Promise<ClassNow> {
    return this.page.text("class", fits);
  }

  async id(): Promise<string> {
    return (await this.now()).student?.id ?? "";
  }

  /** Asks for something. @returns the sentence that says why not; null: it was done. */
  async steer(action: ClassAction | Record<string, unknown>): Promise<string | null> {
    const n = ++this.#asked;
    this.page.say({ type: "steer", n, action });
    return (await this.page.text("steered", (it) => it.n === n)).problem ?? null;
  }
}
