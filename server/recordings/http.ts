/** The answers to requests for kept conversations, as node:http has them. Who may ask is decided before. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Logger } from "../log.ts";
import type { Library } from "./library.ts";
import { fileName, isRecordingId } from "./names.ts";

export interface RecordingsAnswers {
  list(request: IncomingMessage, response: ServerResponse): void;
  /** @param id as it stood in the path: anything. */
  one(request: IncomingMessage, response: ServerResponse, id: string): Promise<void>;
  zip(request: IncomingMessage, response: ServerResponse): Promise<void>;
  remove(request: IncomingMessage, response: ServerResponse, id: string): Promise<void>;
  removeAll(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * @param library null: nothing is kept, and each answer says so.
 * @param archive name of the zip file without its ending, in characters that need no quotes.
 */
export function recordingsAnswers(
  library: Library | null,
  { log, archive }: { log: Logger; archive: string },
): RecordingsAnswers {
  /** Does it with the library, or says what is in the way. */
  const using = async (response: ServerResponse, act: (library: Library) => Promise<void>) => {
    response.setHeader("Cache-Control", "no-store");
    if (!library) return refuse(response, 404, "Nothing is kept: --data is not set.");
    try {
      await act(library);
    } catch (error) {
      log.warn({ err: error }, "a request for kept conversations failed");
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The files cannot be used. The gateway's log says why.");
    }
  };
  return {
    list: (_request, response) =>
      void using(response, async (library) => answer(response, 200, library.list())),
    one: (request, response, id) =>
      using(response, async (library) => {
        const reading = isRecordingId(id) ? await library.read(id) : null;
        if (!reading) return refuse(response, 404, NO_SUCH);
        const { bytes, stream } = reading;
        attach(response, fileName(id), "application/jsonl");
        response.setHeader("Content-Length", bytes);
        await send(request, response, stream);
      }),
    zip: (request, response) =>
      using(response, async (library) => {
        attach(response, `${archive}.zip`, "application/zip");
        await send(request, response, library.zip());
      }),
    remove: (_request, response, id) =>
      using(response, async (library) => {
        const isDeleted = isRecordingId(id) && (await library.delete(id));
        if (!isDeleted) return refuse(response, 404, NO_SUCH);
        log.info({ id }, "kept conversation deleted");
        response.writeHead(204).end();
      }),
    removeAll: (_request, response) =>
      using(response, async (library) => {
        await library.deleteAll();
        log.info("all kept conversations deleted");
        response.writeHead(204).end();
      }),
  };
}

const NO_SUCH = "There is no recording of that name, or nothing in it yet.";

/** A sentence instead of what was asked for. */
export function refuse(response: ServerResponse, status: number, error: string): void {
  answer(response, status, { error });
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "Cache-Control": "no-store",
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** A file to be saved, not a page of ours to be shown. */
function attach(response: ServerResponse, name: string, type: string): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Disposition", `attachment; filename="${name}"`);
}

/** As fast as it is read. Whoever hangs up in the middle ends it, and that is nobody's fault. */
async function send(
  request: IncomingMessage,
  response: ServerResponse,
  stream: NodeJS.ReadableStream & { destroy(): unknown },
): Promise<void> {
  if (request.method === "HEAD") {
    stream.destroy();
    return void response.end();
  }
  try {
    await pipeline(stream, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
