/** Starts the lesson servers, knows which of them still listen, and stops them. */
import { LESSON_NAMES, type LessonName, lessonOffset } from "../shared/lessons.ts";
import type { Config } from "./config.ts";
import { LESSONS, type Lesson } from "./lessons/catalogue.ts";
import { type LessonServer, startLesson } from "./lessons/serve.ts";
import { listenProblem } from "./listen.ts";
import type { Logger } from "./log.ts";
import type { Observer } from "./observe.ts";

export interface RunningLesson extends Lesson {
  readonly host: string;
  /** The port it really has. */
  readonly port: number;
}

export interface Lessons {
  /** 0 for one that does not run. */
  readonly ports: Readonly<Record<LessonName, number>>;
  /** Those that listen now. */
  listening(): RunningLesson[];
  close(): Promise<void>;
}

/**
 * Starts all that were chosen, or none.
 * @param changed called when one listens no longer.
 * @throws {StartError} with one sentence, when one cannot listen.
 */
export async function startLessons(
  config: Config,
  { log, observer }: { log: Logger; observer: Observer },
  changed: () => void,
): Promise<Lessons> {
  const servers: LessonServer[] = [];
  const close = async () => void (await Promise.all(servers.map((server) => server.close())));
  const listening = new Set<RunningLesson>();
  const ports = Object.fromEntries(LESSON_NAMES.map((name) => [name, 0])) as Record<
    LessonName,
    number
  >;
  for (const lesson of LESSONS.filter(({ name }) => config.lessons.includes(name))) {
    const server = await start(lesson, config, log, observer).catch(async (error) => {
      await close();
      throw error;
    });
    servers.push(server);
    const { host, port } = server;
    ports[lesson.name] = port;
    const running = { ...lesson, host, port };
    listening.add(running);
    void server.deaf.then(() => {
      listening.delete(running);
      changed();
    });
  }
  return { ports, listening: () => [...listening], close };
}

async function start(
  { name, rules }: Lesson,
  config: Config,
  log: Logger,
  observer: Observer,
): Promise<LessonServer> {
  const host = config.lessonHost;
  const port = config.lessonPort === 0 ? 0 : config.lessonPort + lessonOffset(name);
  const once = name === "accept" && config.lessonOnce;
  const lessonLog = log.child({ lesson: name });
  const say = (line: string) => lessonLog.info(line);
  try {
    return await startLesson({ host, port, once, rules: rules(), observer, log: say });
  } catch (error) {
    throw listenProblem(error, { what: name, host, port });
  }
}
