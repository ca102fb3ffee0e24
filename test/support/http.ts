/** HTTP requests with every header under the test's control, Host too, which fetch does not give away. */
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Ask extends Pick<RequestOptions, "method" | "agent"> {
  headers?: Record<string, string>;
  body?: string;
  /** Certificate to trust. */
  ca?: string;
}

/** Sends one request on a connection of its own and reads the whole answer. */
export function ask(url: string, { body, ...options }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = send(url, { agent: false, ...options }, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((read) => resolve({ status, headers, body: read }), reject);
    });
    request.on("error", reject).end(body);
  });
}
