/** A class with real pages: the gateway in this process, students in browsers of their own, the teacher by hand. */
import { type Browser, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import type { ClassAction } from "../../shared/classroom.ts";
import { violationsInBothThemes } from "./axe.ts";
import { startGateway } from "./gateway.ts";
import { opened } from "./scenes.ts";

const TEACHER = { role: "teacher", user: "teacher" } as const;

export interface TestClass {
  /** Of the page, without a code. */
  readonly url: string;
  /** As it stands on the board: `7KQ 42M`. */
  readonly board: string;
  /** Opens the wall. */
  readonly teacherUrl: string;
  /** Port of a lesson server. */
  readonly ports: Awaited<ReturnType<typeof startGateway>>["lessonPorts"];
  /** What a teacher does; throws what a teacher would be told when it cannot be done. */
  teach(action: ClassAction): Promise<void>;
  /** What the class calls the student of that name. */
  idOf(name: string): Promise<string>;
  /** The teacher's page, on the wall. */
  teacher(): Promise<Page>;
  /** A browser of its own, as everybody's machine has one. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** The page of somebody who has joined. */
  student(name: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Opens a class on loopback. @param flags besides those. */
export async function openClass(
  browser: Browser,
  flags: readonly string[] = [],
): Promise<TestClass> {
  const server = await startGateway([
    ...["--class", "--class-name", "Networks 101", "--host", "127.0.0.1"],
    ...["--shutdown-timeout", "1s", ...flags],
  ]);
  const { classroom, classDoor, url, lessonPorts } = server;
  if (!classroom || !classDoor) throw new Error("no class was opened");
  const teacherUrl = `${url}#t=${classroom.teacherSecret}`;
  const contexts: { close(): Promise<void> }[] = [];
  const newPage = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ baseURL: url, ...options });
    contexts.push(context);
    return context.newPage();
  };
  return {
    url,
    board: classroom.board,
    teacherUrl,
    ports: lessonPorts,
    async teach(action) {
      const problem = await classroom.steer(TEACHER, action);
      if (problem !== null) throw new Error(problem);
    },
    idOf: (name) =>
      new Promise((resolve) => {
        const stop = classroom.watch(TEACHER, ({ rows }) => {
          const row = rows.find((each) => each.name === name);
          if (!row) return;
          resolve(row.id);
          // It may be told before it is known how to stop it.
          queueMicrotask(() => stop());
        });
      }),
    async teacher() {
      const page = await newPage();
      await page.goto(teacherUrl);
      await page.getByText(classroom.board).first().waitFor();
      return page;
    },
    newPage,
    async student(name, options) {
      const page = await newPage(options);
      await page.goto(`./#join=${classroom.code}`);
      await page.getByLabel("Your name").fill(name);
      await page.keyboard.press("Enter");
      await opened(page);
      return page;
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await server.close();
    },
  };
}

/** The line that every student sees under the wire. */
export const strip = (page: Page) => page.getByRole("region", { name: "Class" });

/** The student whom the page belongs to, as its strip says. */
export async function expectStudent(page: Page, name: string): Promise<void> {
  await expect(strip(page)).toContainText(`${name} in Networks 101`);
  await expect(strip(page)).toContainText("Your teacher sees this page");
}

/** Nothing in either theme that somebody who cannot see or point would stumble over. */
export async function expectUsable(page: Page): Promise<void> {
  expect(await violationsInBothThemes(page)).toEqual([]);
}
