/** The gateway's HTTP side: the page, the access code's exchange, health and metrics, headers. */
import { join } from "node:path";
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import helmet from "helmet";
import { type AuthOptions, auth } from "./app-auth.ts";
import { recordingsRoutes } from "./app-recordings.ts";
import { type Doors, isInCharge, isLoopback } from "./doors.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { RecordingsAnswers } from "./recordings/http.ts";

export interface AppOptions extends AuthOptions {
  metrics: Metrics;
  /** Of a class: kept conversations. */
  recordings?: RecordingsAnswers;
  /** Folder of the built page. */
  webRoot: string;
  /** False while the gateway drains: a load balancer then sends nobody new. */
  ready: () => boolean;
}

/**
 * The page runs its own scripts and talks to its own gateway, and nothing else. Styles are also set
 * from scripts (the terminal sizes its cells), hence 'unsafe-inline' there and nowhere else.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Builds the Express application; it does not listen. */
export function createApp(options: AppOptions): Express {
  const { config, doors, log } = options;
  const app = express();
  app.disable("x-powered-by");
  app.enable("case sensitive routing");
  // Nothing here reads a query, and what nobody parses cannot surprise.
  app.set("query parser", false);
  app.use(requestLog(log), ...securityHeaders(doors));
  app.use((request, response, next) => {
    if (doors.checkHost(request.headers.host)) return next();
    say(response, 403, "This gateway is not known by that host name. See --allowed-host.");
  });
  app.use(observability(options));
  app.use(config.basePath, auth(options), kept(options), page(options.webRoot));
  app.get(config.basePath, (_request, response) => {
    say(response, 503, "The page has not been built yet. Start Wireside with: npm start");
  });
  app.use((_request, response) => {
    say(response, 404, `There is nothing here. The page is at ${config.basePath}`);
  });
  app.use(errorPage(log));
  return app;
}

function say(response: Response, status: number, sentence: string): void {
  response.status(status).type("text/plain").set("Cache-Control", "no-store").send(`${sentence}\n`);
}

/** No HSTS and no upgrade-insecure-requests: on plain HTTP in a classroom they blank the page. */
function securityHeaders(doors: Doors): RequestHandler[] {
  const basics = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
  return [
    basics,
    (request, response, next) => {
      response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
      // Elsewhere browsers ignore it, with a warning on the console of every page.
      const host = (request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
      if (doors.isSecure(request) || isLoopback(host)) {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      }
      next();
    },
  ];
}

/** Path only: a query may hold what somebody should not have put there. */
function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once("finish", () => {
      const ms = Math.round(performance.now() - startedAt);
      const { method, path } = request;
      log.debug({ method, path: path.slice(0, 200), status: response.statusCode, ms }, "request");
    });
    next();
  };
}

function observability({ doors, metrics, ready }: AppOptions): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get("/healthz", (_request, response) => say(response, 200, "ok"));
  router.get("/readyz", (_request, response) => {
    if (ready()) say(response, 200, "ready");
    else say(response, 503, "The gateway is shutting down.");
  });
  router.get("/metrics", async (request, response) => {
    const known =
      doors.isLocal(request) ||
      isInCharge(doors.identify(request.headers, doors.clientAddress(request)));
    if (!known) return say(response, 403, "Metrics are for this machine, or with the access code.");
    response.set("Cache-Control", "no-store").type(metrics.registry.contentType);
    response.send(await metrics.registry.metrics());
  });
  return router;
}

/** Kept conversations, where there is a class; elsewhere there is no such path. */
function kept({ doors, classroom, recordings }: AppOptions): RequestHandler {
  if (!classroom || !recordings) return (_request, _response, next) => next();
  return recordingsRoutes({
    answers: recordings,
    isTeacher: (request) =>
      isInCharge(doors.identify(request.headers, doors.clientAddress(request))),
    isSameOrigin: (request) => doors.checkOrigin(request.headers.origin, request),
  });
}

/** Files whose name has a hash never change; index.html names them, so it is asked for each time. */
function page(webRoot: string): RequestHandler {
  const assets = join(webRoot, "assets", "/");
  return express.static(webRoot, {
    cacheControl: false,
    setHeaders(response, path) {
      const cache = path.startsWith(assets) ? "public, max-age=31536000, immutable" : "no-cache";
      response.setHeader("Cache-Control", cache);
    },
  });
}

/**
 * One sentence and no stack. A parser's error carries the body it could not read, in its message
 * too, so of a client's error only the kind is logged.
 */
function errorPage(log: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next: NextFunction) => {
    const { status = 500, type = "" } = error as { status?: number; type?: string };
    const path = request.path.slice(0, 200);
    if (status >= 500) log.error({ err: error, method: request.method, path }, "request failed");
    else log.info({ status, type, method: request.method, path }, "request refused");
    if (response.headersSent) return next(error);
    if (status === 413) return say(response, 413, "This is more than this gateway reads here.");
    if (status < 500) return say(response, status, "This request cannot be understood.");
    say(response, 500, "Something went wrong in the gateway. Its log says what.");
  };
}
