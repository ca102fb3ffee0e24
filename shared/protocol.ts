/** Control messages between page and gateway: JSON text frames, checked strictly at both ends. */
import * as v from "valibot";
import { MAX_ADDRESS_CHARACTERS, MAX_CHANNEL_ID, MAX_OFFSET, PROTOCOL_VERSION } from "./bounds.ts";
import { TCP_STATES } from "./tcp.ts";

const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_OFFSET));
const channelId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CHANNEL_ID));
const clockSteps = offset;
const shortText = v.pipe(v.string(), v.maxLength(1024));
const secret = v.pipe(v.string(), v.maxLength(128));

const Resume = v.strictObject({
  sid: secret,
  token: secret,
  epoch: offset,
  channels: v.pipe(v.array(v.strictObject({ ch: channelId, rx: offset })), v.maxLength(1024)),
  /** Channels the page still watches, living or over, and how many far calls it knows of each. */
  seen: v.optional(
    v.pipe(v.array(v.strictObject({ ch: channelId, far: offset })), v.maxLength(1024)),
  ),
});

/** First message of a WebSocket. With `resume`, it asks for a session that lost its WebSocket. */
export const Hello = v.strictObject({
  type: v.literal("hello"),
  v: v.literal(PROTOCOL_VERSION),
  resume: v.optional(Resume),
});
/** Open a connection on a new channel. Repeating it changes nothing. */
export const Open = v.strictObject({
  type: v.literal("open"),
  ch: channelId,
  address: v.pipe(v.string(), v.maxLength(MAX_ADDRESS_CHARACTERS)),
});
/** After EOF: let go of the socket as close(2) does, and read no more. */
export const Close = v.strictObject({ type: v.literal("close"), ch: channelId });
/** Is the gateway there? Answered by `pong` with the same number. */
export const Ping = v.strictObject({ type: v.literal("ping"), n: offset });
/** Whether somebody looks at the page: only then the kernel is asked. A new WebSocket begins with no. */
export const Look = v.strictObject({ type: v.literal("look"), on: v.boolean() });

export const PageMessage = v.variant("type", [Hello, Open, Close, Ping, Look]);
export type PageMessage = v.InferOutput<typeof PageMessage>;
export type Hello = v.InferOutput<typeof Hello>;

/** The socket behind a channel, as far as the gateway's own calls show it. */
export const SocketState = v.picklist(["connecting", "open", "closed"]);
export type SocketState = v.InferOutput<typeof SocketState>;

const Servers = v.array(v.strictObject({ name: shortText, address: shortText, about: shortText }));
const Endpoint = v.strictObject({ host: shortText, port: v.number() });

const ChannelState = v.strictObject({
  ch: channelId,
  /** Next offset the gateway expects from the page. */
  rx: offset,
  /** First offset it can still send again, and the next it will give out. */
  base: offset,
  end: offset,
  state: SocketState,
});

export const Welcome = v.strictObject({
  type: v.literal("welcome"),
  sid: secret,
  token: secret,
  epoch: offset,
  /** The session's clock now, in steps of 10 µs. */
  at: clockSteps,
  /** How long a session without a WebSocket is kept, in milliseconds. */
  graceMs: offset,
  /** The gateway's operating system: errno differ between systems. */
  os: v.picklist(["linux", "darwin", "win32", "other"]),
  limits: v.strictObject({ windowBytes: offset, maxChannels: offset }),
  /** Servers the gateway runs for people to talk to, and targets it has a name for. */
  servers: Servers,
  channels: v.array(ChannelState),
});
export const State = v.strictObject({
  type: v.literal("state"),
  ch: channelId,
  at: clockSteps,
  state: SocketState,
  local: v.optional(Endpoint),
  remote: v.optional(Endpoint),
});
export const Refused = v.strictObject({
  type: v.literal("refused"),
  ch: v.optional(channelId),
  code: shortText,
  detail: shortText,
});
/** Calls of the program at the far end, where that is a server of this gateway. */
export const Far = v.strictObject({
  type: v.literal("far"),
  ch: channelId,
  calls: v.array(
    v.strictObject({
      /** Counts the calls of this channel from 1; of several added up, the last. */
      n: offset,
      at: clockSteps,
      call: v.picklist(["accept", "recv", "send", "shutdown", "close", "reset"]),
      /** recv, send: offset of the first byte in its direction, and how many. An empty recv has 0. */
      offset: v.optional(offset),
      bytes: v.optional(offset),
      /** How many calls these are together; absent: one. */
      calls: v.optional(offset),
    }),
  ),
});
/** Empty texts where the far end said nothing of the kind. */
export const Certificate = v.strictObject({
  /** `TLSv1.3`, and the cipher suite by its IANA name. */
  protocol: shortText,
  cipher: shortText,
  /** Of the far end's certificate: whom it is made out to, and who signed it. */
  subject: shortText,
  issuer: shortText,
  /** `DNS:example.org`, `IP Address:127.0.0.1`, at most 32 of them. */
  altNames: v.pipe(v.array(v.pipe(v.string(), v.maxLength(256))), v.maxLength(32)),
  /** ISO 8601. */
  validFrom: v.pipe(v.string(), v.maxLength(40)),
  validTo: v.pipe(v.string(), v.maxLength(40)),
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  fingerprint256: v.pipe(v.string(), v.maxLength(100)),
  /** Whether it passed: signed by somebody the gateway trusts, in time, made out to the host. */
  trusted: v.boolean(),
});
export type Certificate = v.InferOutput<typeof Certificate>;
const Socket = v.strictObject({
  state: v.picklist(TCP_STATES),
  unread: offset,
  unsent: offset,
  timeWaitMs: v.nullable(offset),
});
/** What the gateway's kernel says of a channel's socket, and of the other end if it is on this host. */
export const Kernel = v.strictObject({
  type: v.literal("kernel"),
  ch: channelId,
  at: clockSteps,
  near: v.optional(Socket),
  far: v.optional(Socket),
});
/**
 * What the TLS handshake of a channel showed, whether its certificate was then taken or not. Said again
 * after a resume.
 */
export const Tls = v.strictObject({
  type: v.literal("tls"),
  ch: channelId,
  at: clockSteps,
  ...Certificate.entries,
});
/**
 * What happened to datagrams besides arriving. Each number counts from the beginning of the channel,
 * so that saying it again changes nothing.
 */
export const Datagrams = v.strictObject({
  type: v.literal("datagrams"),
  ch: channelId,
  at: clockSteps,
  /** Sent datagrams that came to nothing, as far as the kernel says; and why the last one did. */
  undelivered: offset,
  code: shortText,
  /** Arrived while the page's window was full, and thrown away. */
  dropped: offset,
  droppedBytes: offset,
  /** Arrived without a single byte: counted, not carried. */
  empty: offset,
});
/** The gateway's servers are others now than `welcome` said. */
export const ServersChanged = v.strictObject({ type: v.literal("servers"), servers: Servers });
export const Drain = v.strictObject({ type: v.literal("drain"), deadlineMs: offset });
export const ResumeFailed = v.strictObject({
  type: v.literal("resume_failed"),
  reason: v.picklist(["expired", "unknown", "gap", "superseded", "auth"]),
});
export const Pong = v.strictObject({ type: v.literal("pong"), n: offset, at: clockSteps });

export const GatewayMessage = v.variant("type", [
  Welcome,
  State,
  Refused,
  Drain,
  ResumeFailed,
  Pong,
  Far,
  Kernel,
  Tls,
  Datagrams,
  ServersChanged,
]);
export type GatewayMessage = v.InferOutput<typeof GatewayMessage>;
export type Welcome = v.InferOutput<typeof Welcome>;
export type ResumeFailedReason = v.InferOutput<typeof ResumeFailed>["reason"];
export type TlsMessage = v.InferOutput<typeof Tls>;
export type DatagramsMessage = v.InferOutput<typeof Datagrams>;
export type FarCall = v.InferOutput<typeof Far>["calls"][number];
export type Endpoint = v.InferOutput<typeof Endpoint>;

/** WebSocket close codes of this protocol (RFC 6455 section 7.4.2, private range, and three standard). */
export const CloseCode = {
  /** The page needs its session no longer. */
  done: 1000,
  /** The gateway is shutting down; retry. */
  restart: 1012,
  /** The gateway is too busy; retry later. */
  tryLater: 1013,
  badMessage: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  notFound: 4404,
  timeout: 4408,
  superseded: 4409,
  tooMany: 4429,
} as const;

/** A control message that breaks the schema; `message` says where. */
export class MessageError extends Error {
  readonly code = "BAD_MESSAGE";
}

/**
 * Parses a text frame.
 * @throws {MessageError} when it is not JSON or not exactly a message of `schema`.
 */
export function parseMessage<S extends typeof PageMessage | typeof GatewayMessage>(
  schema: S,
  text: string,
): v.InferOutput<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new MessageError("a control message must be JSON");
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new MessageError(`${path ?? "message"}: ${issue.message}`.slice(0, 120));
}
