/** The shape of a failure's row in the tables of shared/errors.ts and shared/errors-sockets.ts. */

/** What is known when a failure is explained. */
export interface FailureContext {
  /** Of a Unix socket its path, and then there is no port. */
  host: string;
  port: number;
  /** Free text from where it happened: a limit, a flag, a reason. */
  detail: string;
  /** It was asked to listen there, not to connect. */
  listening?: boolean;
  /** A student asked; what students may reach, each by its name and port. */
  reach?: readonly string[];
}

export interface Failure {
  /** Number in an RST frame. Numbers are never used again for something else. */
  wire: number;
  /** Python's exception, without the module for builtins; null when the gateway made the failure. */
  python: string | null;
  /** errno by system; absent when the failure has none. */
  errno?: { linux: number; darwin: number; win32: number };
  /** strerror(3) on Linux, or the gateway's own name for it. */
  message: string | ((c: FailureContext) => string);
  sentence(c: FailureContext): string;
  hints(c: FailureContext): string[];
}

/** Whether the target is a Unix socket: no host name begins with a slash. */
export const isUnixPath = (c: Pick<FailureContext, "host">): boolean => c.host.startsWith("/");

/** `127.0.0.1:8000`, or the path of a Unix socket. */
export const targetOf = (c: FailureContext): string =>
  isUnixPath(c) ? c.host : `${c.host}:${c.port}`;
