/** Coming in over HTTP: who this browser is, the access code's exchange, a teacher's link, and joining a class. */
import express, { type Request, type RequestHandler, type Response } from "express";
import * as v from "valibot";
import { type AuthNow, type JoinProblem, JoinRequest } from "../shared/classroom.ts";
import { accessCookies } from "./access.ts";
import type { Classroom } from "./classroom/types.ts";
import type { Config } from "./config.ts";
import { ACCESS_COOKIE, type Doors, limitKey } from "./doors.ts";
import type { Logger } from "./log.ts";

export interface AuthOptions {
  config: Pick<Config, "basePath" | "maxSessionMs" | "data" | "keepMs">;
  doors: Doors;
  log: Logger;
  /** Students come into it with `POST join`. */
  classroom?: Classroom | undefined;
}

const MAX_BODY_BYTES = 1024;
const MAX_CODE_CHARACTERS = 128;

const STATUS: Record<JoinProblem, number> = {
  "bad-name": 400,
  "wrong-code": 401,
  full: 403,
  "name-taken": 409,
  ended: 410,
  locked: 423,
  "too-many-tries": 429,
};

/** `GET auth`, `POST auth {code}` and, where there is a class, `POST join {code, name}`. */
export function auth(options: AuthOptions): RequestHandler {
  const { doors, classroom } = options;
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get("/auth", (request, response) => {
    response.set("Cache-Control", "no-store").json(authNow(options, request));
  });
  const body = [sameOrigin(doors), express.json({ limit: MAX_BODY_BYTES })];
  router.post("/auth", ...body, (request: Request, response: Response) => {
    response.set("Cache-Control", "no-store");
    if (!doors.accessRequired) return void response.status(204).end();
    const code: unknown = request.body?.code;
    if (typeof code !== "string" || code.length > MAX_CODE_CHARACTERS) {
      return void response.status(400).json({ error: 'Send {"code": "…"} as application/json.' });
    }
    presentCode(options, code, request, response);
  });
  if (classroom) {
    router.post("/join", ...body, async (request: Request, response: Response) => {
      response.set("Cache-Control", "no-store");
      await join(options, classroom, request, response);
    });
  }
  return router;
}

function authNow({ config, doors, classroom }: AuthOptions, request: Request): AuthNow {
  const identity = doors.identify({ cookie: request.headers.cookie }, doors.clientAddress(request));
  const now = { required: doors.accessRequired, ok: identity !== null };
  if (!classroom) return now;
  const { name, locked } = classroom;
  const keeps = config.data !== undefined;
  return {
    ...now,
    class: {
      name,
      locked,
      keeps,
      ...(keeps && { keepMs: config.keepMs ?? null }),
      ...(identity && { role: identity.role }),
      ...(identity?.student && { student: identity.student.name }),
    },
  };
}

/** An access code, or the secret of a teacher's or a watcher's link: exchanged for a cookie, once. */
function presentCode(options: AuthOptions, code: string, request: Request, response: Response) {
  const { doors, classroom, log } = options;
  const address = doors.clientAddress(request);
  const tried = classroom ? admit(classroom, code, address) : redeem(doors, code, request, address);
  log.info({ address, ok: tried.ok }, "access code tried");
  if (!tried.ok) return refuseCode(response, tried.retryAfterMs);
  if (tried.cookie !== undefined) giveCookie(options, tried.cookie, request, response);
  response.status(204).end();
}

type Tried = { ok: true; cookie?: string } | { ok: false; retryAfterMs: number };

function admit(classroom: Classroom, secret: string, address: string): Tried {
  const admitted = classroom.admit(secret, limitKey(address));
  return admitted.ok ? { ok: true, cookie: admitted.pass } : admitted;
}

/** Sessions belong to a cookie's user: another cookie would take those of other tabs from them. */
function redeem(doors: Doors, code: string, request: Request, address: string): Tried {
  const isKnown = doors.identify({ cookie: request.headers.cookie }, address) !== null;
  return isKnown ? doors.tryCode(code, address) : doors.redeem(code, address);
}

async function join(
  options: AuthOptions,
  classroom: Classroom,
  request: Request,
  response: Response,
): Promise<void> {
  const asked = v.safeParse(JoinRequest, request.body);
  if (!asked.success) {
    const error = 'Send {"code": "…", "name": "…"} as application/json.';
    return void response.status(400).json({ error });
  }
  const { doors, log } = options;
  const address = doors.clientAddress(request);
  const pass = accessCookies(request.headers.cookie).find((it) => classroom.identify(it)?.student);
  const joined = await classroom.join({
    ...asked.output,
    address: limitKey(address),
    ...(pass !== undefined && { pass }),
  });
  log.info({ address, ok: joined.ok, ...(!joined.ok && { why: joined.problem }) }, "join");
  if (joined.ok) {
    giveCookie(options, joined.pass, request, response);
    return void response.status(204).end();
  }
  const { ok: _, ...refused } = joined;
  waitBefore(response, refused.retryAfterMs ?? 0);
  response.status(STATUS[refused.problem]).json(refused);
}

function giveCookie(
  { config, doors }: AuthOptions,
  value: string,
  request: Request,
  response: Response,
): void {
  // A page of https says so itself, also where the proxy in front says nothing that is believed.
  const isSecurePage = request.headers.origin?.startsWith("https://") === true;
  response.cookie(ACCESS_COOKIE, value, {
    httpOnly: true,
    sameSite: "strict",
    secure: isSecurePage || doors.isSecure(request),
    path: config.basePath,
    maxAge: config.maxSessionMs,
  });
}

function sameOrigin(doors: Doors): RequestHandler {
  return (request, response, next) => {
    if (doors.checkOrigin(request.headers.origin, request)) return next();
    response.status(403).json({ error: "Only this gateway's own page may send a code." });
  };
}

function refuseCode(response: Response, retryAfterMs: number): void {
  if (retryAfterMs === 0) return void response.status(401).json({ error: "This code is wrong." });
  const seconds = waitBefore(response, retryAfterMs);
  response.status(429);
  response.json({ error: `Too many wrong codes. Try again in ${seconds} s.`, retryAfterMs });
}

/** @returns whole seconds, as the header has them (RFC 9110 section 10.2.3). */
function waitBefore(response: Response, retryAfterMs: number): number {
  const seconds = Math.ceil(retryAfterMs / 1000);
  if (seconds > 0) response.set("Retry-After", `${seconds}`);
  return seconds;
}
