/** The teacher's requests for kept conversations: where they are, and who is let through. */
import express, { type Request, type RequestHandler } from "express";
import { type RecordingsAnswers, refuse } from "./recordings/http.ts";

export interface RecordingsRoutes {
  answers: RecordingsAnswers;
  /** Whether the request comes from a teacher's page. */
  isTeacher: (request: Request) => boolean;
  /** Whether it comes from a page of this gateway; asked before anything is deleted. */
  isSameOrigin: (request: Request) => boolean;
}

/**
 * `GET recordings`, `GET recordings.zip`, `GET recordings/ID`, `DELETE recordings/ID` and
 * `DELETE recordings`: docs/recordings.md.
 */
export function recordingsRoutes(routes: RecordingsRoutes): RequestHandler {
  const { answers, isTeacher, isSameOrigin } = routes;
  const router = express.Router({ caseSensitive: true, strict: true });
  const paths = ["/recordings", "/recordings.zip", "/recordings/:id"];
  router.all(paths, (request, response, next) => {
    if (isTeacher(request)) return next();
    refuse(response, 403, "Kept conversations are for the teacher of the class.");
  });
  router.delete(paths, (request, response, next) => {
    // A browser gives every DELETE an Origin. A program has none, and shows the teacher's secret itself.
    const { origin, authorization } = request.headers;
    const isProgram = origin === undefined && authorization !== undefined;
    if (isProgram || isSameOrigin(request)) return next();
    refuse(response, 403, "Only this gateway's own page may delete conversations.");
  });
  router.get("/recordings", (request, response) => answers.list(request, response));
  router.get("/recordings.zip", (request, response) => answers.zip(request, response));
  router.get("/recordings/:id", (request, response) =>
    answers.one(request, response, request.params.id),
  );
  router.delete("/recordings/:id", (request, response) =>
    answers.remove(request, response, request.params.id),
  );
  router.delete("/recordings", (request, response) => answers.removeAll(request, response));
  return router;
}
