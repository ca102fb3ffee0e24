/** Starts the lesson servers, knows which of them still listen, starts others later, and stops them. */
import { LESSON_NAMES, type LessonName, lessonOffset } from "../shared/lessons.ts";
import type { Config } from "./config.ts";
import { LESSONS, type Lesson, type LessonContext } from "./lessons/catalogue.ts";
import { type LessonServer, startLesson } from "./lessons/serve.ts";
import { listenProblem, StartError } from "./listen.ts";
import type { Logger } from "./log.ts";
import type { Observer } from "./observe.ts";

export interface RunningLesson extends Lesson {
  readonly host: string;
  /** The port it really has. */
  readonly port: number;
  /** Somebody started it while the gateway ran. */
  readonly own: boolean;
}

export interface Lessons {
  /** Of those that were started with the gateway; 0 for one that does not run. */
  readonly ports: Readonly<Record<LessonName, number>>;
  /** Those that listen now. */
  listening(): RunningLesson[];
  /**
   * Starts one more. Where the same runs already, that one is meant.
   * @param port 0: any free one.
   * @returns a sentence when it cannot listen there.
   */
  start(name: LessonName, port: number): Promise<{ port: number } | { problem: string }>;
  /**
   * Stops one that was started by `start`.
   * @returns a sentence when there is none.
   */
  stop(name: LessonName, port: number): Promise<string | null>;
  close(): Promise<void>;
}

export interface LessonsOptions extends LessonContext {
  log: Logger;
  observer: Observer;
}

/** Started by a teacher, at most. */
const MOST_OWN = 16;

/**
 * Starts all that were chosen, or none.
 * @param changed called when others listen than before.
 * @throws {StartError} with one sentence, when one cannot listen.
 */
export async function startLessons(
  config: Config,
  options: LessonsOptions,
  changed: () => void,
): Promise<Lessons> {
  const running = new Map<RunningLesson, LessonServer>();
  const servers = new Set<LessonServer>();
  const close = async () => void (await Promise.all([...servers].map((it) => it.close())));
  const ports = Object.fromEntries(LESSON_NAMES.map((name) => [name, 0])) as Record<
    LessonName,
    number
  >;
  const find = (name: LessonName, port: number) =>
    [...running.keys()].find((it) => it.name === name && it.port === port);

  async function run(lesson: Lesson, wanted: number, own: boolean): Promise<RunningLesson> {
    // One chat of each gateway is one with the others': the one that came with it.
    const { whoIs, isKnown } = options.people;
    const people = own ? { whoIs, isKnown } : options.people;
    const server = await start(lesson, wanted, config, { ...options, people });
    const { host, port } = server;
    const it = { ...lesson, host, port, own };
    servers.add(server);
    running.set(it, server);
    void server.deaf.then(() => {
      running.delete(it);
      changed();
    });
    void server.done.then(() => servers.delete(server));
    return it;
  }

  for (const lesson of LESSONS.filter(({ name }) => config.lessons.includes(name))) {
    const port = config.lessonPort === 0 ? 0 : config.lessonPort + lessonOffset(lesson.name);
    const it = await run(lesson, port, false).catch(async (error) => {
      await close();
      throw error;
    });
    ports[lesson.name] = it.port;
  }
  return {
    ports,
    listening: () => [...running.keys()],
    close,
    async start(name, port) {
      const there = port === 0 ? undefined : find(name, port);
      if (there) return { port: there.port };
      if ([...running.keys()].filter(({ own }) => own).length >= MOST_OWN) {
        return { problem: `${MOST_OWN} more lesson servers run already: stop one of them first.` };
      }
      const lesson = LESSONS.find((it) => it.name === name) as Lesson;
      try {
        const it = await run(lesson, port, true);
        changed();
        return { port: it.port };
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        return { problem: whyNot(error, port) };
      }
    },
    async stop(name, port) {
      const it = find(name, port);
      if (!it) return `No lesson server ${name} listens on port ${port}.`;
      if (!it.own) return `The lesson server ${name} came with the gateway, and goes with it.`;
      // Its clients may take their time to hang up; nobody has to wait for that.
      void running.get(it)?.close();
      return null;
    },
  };
}

/** Flags are for whoever starts the gateway; here a teacher reads it. */
function whyNot(error: StartError, port: number): string {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EADDRINUSE") {
    return `Port ${port} is already in use: choose another, or 0 for any that is free.`;
  }
  if (code === "EACCES" || code === "EPERM") {
    return `Port ${port} is reserved for the system: choose one from 1024 on.`;
  }
  return error.message;
}

async function start(
  { name, rules }: Lesson,
  port: number,
  config: Config,
  { log, observer, people }: LessonsOptions,
): Promise<LessonServer> {
  const host = config.lessonHost;
  const once = name === "accept" && config.lessonOnce;
  const lessonLog = log.child({ lesson: name });
  const say = (line: string) => lessonLog.info(line);
  // Students are told that nothing of what they say is in files, and nobody knows where a log goes.
  const logged = { observer, log: say, isDiscreet: config.class };
  try {
    return await startLesson({ host, port, once, rules: rules({ people }), ...logged });
  } catch (error) {
    throw listenProblem(error, { what: name, host, port });
  }
}
