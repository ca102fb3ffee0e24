/** Students without a browser: each joins by the code, and has a real link to the gateway and real connections. */
import WebSocketClient from "ws";
import { Link } from "../../web/link.ts";
import { ask } from "./http.ts";
import { linkWhen, Talker } from "./wire.ts";

export class CrowdStudent {
  readonly name: string;
  readonly link: Link;
  /** The conversations, oldest first. */
  readonly talks: Talker[] = [];

  private constructor(name: string, link: Link) {
    this.name = name;
    this.link = link;
  }

  /**
   * Comes into a class, and is there once the gateway has welcomed the page.
   * @param url of the gateway's page, and `code` as it stands on the board.
   */
  static async join(url: string, code: string, name: string): Promise<CrowdStudent> {
    const { origin } = new URL(url);
    const { status, headers, body } = await ask(`${url}join`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ code, name }),
    });
    if (status !== 204) throw new Error(`${name} cannot join: ${status} ${body}`);
    const cookie = headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
    const open = (wire: string, protocol: string): WebSocket =>
      new WebSocketClient(wire, protocol, {
        origin,
        headers: { cookie },
        perMessageDeflate: false,
      }) as unknown as WebSocket;
    const link = new Link({ url: `${url.replace(/^http/, "ws")}wire`, open });
    link.start();
    await linkWhen(link, ({ status: { phase } }) => phase === "live");
    return new CrowdStudent(name, link);
  }

  /** Connects to a port of this machine, and comes back once it is open or has failed. */
  async connect(port: number): Promise<Talker> {
    const talk = new Talker(this.link, port);
    this.talks.push(talk);
    await talk.when((it) => it.of("open").length > 0 || it.ended);
    return talk;
  }

  /** The conversation that was begun last. */
  get talk(): Talker {
    const last = this.talks.at(-1);
    if (!last) throw new Error(`${this.name} talks to nobody`);
    return last;
  }

  leave(): void {
    this.link.stop();
  }
}

/** Many who join one after the other, so that their seats are in the order of their names. */
export async function joinAll(
  url: string,
  code: string,
  names: readonly string[],
): Promise<CrowdStudent[]> {
  const students: CrowdStudent[] = [];
  for (const name of names) students.push(await CrowdStudent.join(url, code, name));
  return students;
}

/** The class of the drawing. */
export const FILM = [
  ...["Morpheus", "Tank", "Switch", "Apoc", "Cypher", "Dozer", "Oracle"],
  ...["Mouse", "Niobe", "Trinity", "Seraph", "Ghost", "Link", "Sparks"],
];

/** `Student 15` and so on behind the names of the film. */
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => FILM[i] ?? `Student ${i + 1}`);
