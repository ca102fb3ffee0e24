/** Starts the lesson servers, knows which of them still listen, and stops them. */
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
  readonly ports: Readonly<Record<Lesson["name"], number>>;
  /** Those that listen now. */
  listening(): RunningLesson[];
  close(): Promise<void>;
}

/**
 * Starts all of them, or none.
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
  const ports = { accept: 0, recv16: 0 };
  for (const lesson of LESSONS) {
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
  const port = name === "accept" ? config.lessonPort : config.recv16Port;
  const once = name === "accept" && config.lessonOnce;
  const lessonLog = log.child({ lesson: name });
  const say = (line: string) => lessonLog.info(line);
  try {
    return await startLesson({ host, port, once, rules: rules(), observer, log: say });
  } catch (error) {
    throw listenProblem(error, { what: name, host, port });
  }
}
