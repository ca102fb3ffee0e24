/** Control messages between page and gateway: JSON text frames, checked strictly at both ends. */
import * as v from "valibot";
import {
  MAX_ADDRESS_CHARACTERS,
  MAX_BACKLOG,
  MAX_CHANNEL_ID,
  MAX_LAB_MS,
  MAX_OFFSET,
  PROTOCOL_VERSION,
} from "./bounds.ts";
import { classCommands, classMessages } from "./classroom.ts";
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
  channels: v.pipe(
    v.array(v.strictObject({ ch: channelId, rx: offset })),
    v.maxLength(1024),
    v.check((all) => new Set(all.map(({ ch }) => ch)).size === all.length, "named twice"),
  ),
  /** Listening sockets the page still wants; the gateway closes the others. */
  listeners: v.optional(v.pipe(v.array(channelId), v.maxLength(64))),
  /** The channel that an `accepted` told the page of last; later ones are told again. */
  heard: v.optional(v.union([channelId, v.literal(0)])),
  /** Channels the page still watches, living or over, and how many far calls it knows of each. */
  seen: v.optional(
    v.pipe(v.array(v.strictObject({ ch: channelId, far: offset })), v.maxLength(2048)),
  ),
});

/** First message of a WebSocket. With `resume`, it asks for a session that lost its WebSocket. */
export const Hello = v.strictObject({
  type: v.literal("hello"),
  v: v.literal(PROTOCOL_VERSION),
  resume: v.optional(Resume),
  /**
   * This page was loaded anew and knows nothing. Is there a session of its user's that lives, and may it
   * have it? Then `welcome` is followed by `history` of each of its channels.
   */
  back: v.optional(v.boolean()),
});
/** Open a connection on a new channel. Repeating it changes nothing. */
export const Open = v.strictObject({
  type: v.literal("open"),
  ch: channelId,
  address: v.pipe(v.string(), v.maxLength(MAX_ADDRESS_CHARACTERS)),
});
/** A connection, after EOF: let go of the socket as close(2) does, and read no more. A listener: stop. */
export const Close = v.strictObject({ type: v.literal("close"), ch: channelId });
/**
 * Bind and listen on a new channel. Said again with another backlog or way of accepting, it changes
 * those and nothing else.
 */
export const Listen = v.strictObject({
  type: v.literal("listen"),
  ch: channelId,
  address: v.pipe(v.string(), v.maxLength(MAX_ADDRESS_CHARACTERS)),
  /** Visitors that may wait at the door; further ones are reset. */
  backlog: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_BACKLOG)),
  /** Every visitor is accepted as soon as it comes. */
  atOnce: v.boolean(),
});
/** Accept visitors, the first at the door first, until `count` were accepted by hand in all. */
export const Accept = v.strictObject({ type: v.literal("accept"), ch: channelId, count: offset });

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_LAB_MS));
/** Lab controls of a connection. What is not named stays as it is. */
export const Options = v.strictObject({
  type: v.literal("options"),
  ch: channelId,
  /** TCP_NODELAY (tcp(7)): true switches Nagle's algorithm off. */
  noDelay: v.optional(v.boolean()),
  /** False: the gateway calls recv(2) no longer, and the kernel's queue fills. */
  reading: v.optional(v.boolean()),
  /** Each send waits so long at the gateway before send(2), in milliseconds. */
  delayMs: v.optional(milliseconds),
  /** Between two sends, at least, in milliseconds. */
  pauseMs: v.optional(milliseconds),
});
/** Is the gateway there? Answered by `pong` with the same number. */
export const Ping = v.strictObject({ type: v.literal("ping"), n: offset });
/** Whether somebody looks at the page: only then the kernel is asked. A new WebSocket begins with no. */
export const Look = v.strictObject({ type: v.literal("look"), on: v.boolean() });

export const PageMessage = v.variant("type", [
  Hello,
  Open,
  Listen,
  Accept,
  Options,
  Close,
  Ping,
  Look,
  ...classCommands,
]);
export type PageMessage = v.InferOutput<typeof PageMessage>;
export type Hello = v.InferOutput<typeof Hello>;

/** The socket behind a channel, as far as the gateway's own calls show it. */
export const SocketState = v.picklist(["connecting", "open", "closed"]);
export type SocketState = v.InferOutput<typeof SocketState>;

const Servers = v.array(v.strictObject({ name: shortText, address: shortText, about: shortText }));
const Endpoint = v.strictObject({ host: shortText, port: v.number() });

/** Where a page may listen, and how often. Other people reach it at the first of `hosts` that is not loopback. */
const Serving = v.strictObject({
  hosts: v.array(shortText),
  ports: v.strictObject({ first: offset, last: offset }),
  maxListeners: offset,
});

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
  /** A page that is loaded anew may ask for this session, so that it need not say goodbye. */
  returns: v.optional(v.boolean()),
  /** This is the session that `hello {back}` asked for, and so many histories follow. */
  back: v.optional(offset),
  /** Where pages may listen; absent: nowhere. */
  serving: v.optional(Serving),
  /** Listening sockets that live on. */
  listeners: v.optional(v.array(channelId)),
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
/** A socket of the gateway's host as its kernel lists it: who holds a port that was asked for. */
const Holder = v.strictObject({
  state: v.picklist(TCP_STATES),
  local: Endpoint,
  /** Absent of a listening socket. */
  remote: v.optional(Endpoint),
  /** Milliseconds until TIME_WAIT ends; null in every other state. */
  timeWaitMs: v.nullable(offset),
});
export const Refused = v.strictObject({
  type: v.literal("refused"),
  ch: v.optional(channelId),
  code: shortText,
  detail: shortText,
  /** Address already in use: by which sockets, where the kernel can be asked. */
  holders: v.optional(v.pipe(v.array(Holder), v.maxLength(16))),
});
/** The channel listens. Said again after a resume. Its end is a `state` closed. */
export const Listening = v.strictObject({
  type: v.literal("listening"),
  ch: channelId,
  at: clockSteps,
  local: Endpoint,
  backlog: offset,
  atOnce: v.boolean(),
  /** What it takes; absent: TCP. */
  transport: v.optional(v.literal("udp")),
  /** After `hello {back}`: how many visitors were to be accepted by hand so far. */
  byHand: v.optional(offset),
});
const Visitor = v.strictObject({
  /** Counts the visitors of this listener from 1. */
  n: offset,
  /** When accept(2) gave it to the gateway. */
  at: clockSteps,
  remote: Endpoint,
  /** Whose page of the class it is; absent: nobody's that is known here. */
  name: v.optional(shortText),
  /** Bytes in the kernel's queue that nobody has read; null where the kernel cannot be asked. */
  unread: v.nullable(offset),
  /** It has hung up already. */
  ended: v.boolean(),
});
/** Everything about the door of a listener, whenever something of it changes. */
export const Door = v.strictObject({
  type: v.literal("door"),
  ch: channelId,
  at: clockSteps,
  /** The first is accepted next. */
  waiting: v.array(Visitor),
  /** Visitors so far that were reset because the backlog was full, and that left without being accepted. */
  refused: offset,
  left: offset,
  /** Visitors so far that were accepted. */
  accepted: offset,
  /** Why the first still waits although it was to be accepted. */
  blocked: v.optional(v.strictObject({ code: shortText, detail: shortText })),
});
/** A visitor was accepted: `ch` is its channel, with an even number. Said again after a resume. */
export const Accepted = v.strictObject({
  type: v.literal("accepted"),
  listener: channelId,
  ch: channelId,
  n: offset,
  /** When it was accepted, and when it came to the door. */
  at: clockSteps,
  arrived: clockSteps,
  local: Endpoint,
  remote: Endpoint,
  /** Whose page of the class it is; absent: nobody's that is known here. */
  name: v.optional(shortText),
  /** The file descriptor of its socket; null where it has none of its own, or the system does not tell. */
  fd: v.nullable(offset),
  /** What carries its bytes; absent: TCP. Over UDP nobody was accepted: its first datagram came. */
  transport: v.optional(v.literal("udp")),
});
/** Lab controls as they are now, whenever one changes, and after a resume. */
export const OptionsNow = v.strictObject({
  type: v.literal("options"),
  ch: channelId,
  at: clockSteps,
  noDelay: v.boolean(),
  reading: v.boolean(),
  delayMs: milliseconds,
  pauseMs: milliseconds,
});
/** Calls of the program at the far end, where that is a server of this gateway or another page of it. */
export const Far = v.strictObject({
  type: v.literal("far"),
  ch: channelId,
  calls: v.array(
    v.strictObject({
      /** Counts the calls of this channel from 1; of several added up, the last. */
      n: offset,
      at: clockSteps,
      call: v.picklist(["connect", "accept", "recv", "send", "shutdown", "close", "reset"]),
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

/**
 * After `hello {back}`: what happened on a channel so far, as the lines of a recording without its first.
 * Several messages may make one history; `more` says that another follows. The page goes on from there:
 * it has everything before `end` of the far end's bytes, and its own begin at `rx` (see `welcome`).
 */
export const History = v.strictObject({
  type: v.literal("history"),
  ch: channelId,
  /** Milliseconds since 1970 of its first event. */
  startedAt: offset,
  /** The session's clock at its first event. */
  began: clockSteps,
  /** Earlier events that are not kept. */
  forgotten: offset,
  lines: v.array(v.string()),
  more: v.boolean(),
  /**
   * The channel lives, and these sends of the page the gateway has and the kernel has not taken: before
   * `rx`, in base64, an empty one for the end. In the last message.
   */
  waiting: v.optional(v.array(v.string())),
  /** Of a visitor whose channel lives: what the page was told of it. In the last message. */
  accepted: v.optional(Accepted),
});
export type History = v.InferOutput<typeof History>;

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
  Listening,
  Door,
  Accepted,
  OptionsNow,
  History,
  ...classMessages,
]);
export type GatewayMessage = v.InferOutput<typeof GatewayMessage>;
export type Welcome = v.InferOutput<typeof Welcome>;
export type ResumeFailedReason = v.InferOutput<typeof ResumeFailed>["reason"];
export type TlsMessage = v.InferOutput<typeof Tls>;
export type DatagramsMessage = v.InferOutput<typeof Datagrams>;
export type FarCall = v.InferOutput<typeof Far>["calls"][number];
export type Serving = v.InferOutput<typeof Serving>;
export type Holder = v.InferOutput<typeof Holder>;
export type Visitor = v.InferOutput<typeof Visitor>;
export type Door = v.InferOutput<typeof Door>;
export type Accepted = v.InferOutput<typeof Accepted>;
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
 * Parses a text frame, or what a request was answered with.
 * @throws {MessageError} when it is not JSON or not exactly a message of `schema`.
 */
export function parseMessage<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
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
