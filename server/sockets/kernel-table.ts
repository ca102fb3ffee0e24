/**
 * The kernel's table of TCP sockets as Linux prints it: /proc/net/tcp and /proc/net/tcp6
 * (proc_net_tcp of the kernel's documentation). Only rows somebody asked for are taken apart.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";

/** Hex digits of an address: four bytes in `tcp`, sixteen in `tcp6`. */
export type AddressDigits = 8 | 32;

/** The rows that are wanted; `mayWant` is a quick no from the two ports alone. */
export interface Wanted {
  mayWant(localPort: number, remotePort: number): boolean;
  /** @param key both addresses as the table spells them: `0100007F:1F90 0100007F:C350`. */
  found(key: string, socket: KernelSocket): void;
  has(key: string): boolean;
}

/** The table is not as the kernel's documentation says. */
export class TableError extends Error {
  readonly code = "BAD_TABLE";
}

/** include/net/tcp_states.h, by number. NEW_SYN_RECV (12) is SYN_RECV with a smaller structure. */
const STATES: readonly (TcpState | undefined)[] = [
  undefined,
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSED",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "SYN_RECV",
];

/**
 * A SYN and a FIN take a number in the sequence as a byte does, and the kernel's queues count them.
 * In these states our own is not acknowledged yet, or the other end's is in, always as the last.
 */
const UNACKNOWLEDGED: readonly TcpState[] = ["SYN_SENT", "FIN_WAIT1", "CLOSING", "LAST_ACK"];
const FIN_CAME: readonly TcpState[] = ["CLOSE_WAIT", "CLOSING", "LAST_ACK"];

/** Times in the table are in 1/USER_HZ of a second, which is 1/100 wherever Node runs. */
const TICK_MS = 10;
/** Of a row's timer: it is the one that ends TIME_WAIT. */
const TIME_WAIT_TIMER = 3;

const COLON = 0x3a;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const HEADER = /^ *sl +local_address/;

/** The kernel hands out a page (4 KiB) at a time, whole rows. */
const CHUNK_BYTES = 64 * 1024;
/** About 100,000 sockets: reading more would hold up everything else for too long. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/** Reads a table into its buffer and hands the wanted rows on. The buffer is used again. */
export class TableReader {
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  /**
   * @returns how many pieces it came in. Between two pieces the table may change: a row can be missed.
   * @throws {TableError} and the errors of open(2) and read(2).
   */
  read(path: string, digits: AddressDigits, wanted: Wanted): number {
    const file = openSync(path, "r");
    try {
      return this.#readAll(file, digits, wanted);
    } finally {
      closeSync(file);
    }
  }

  /** @throws {TableError} when there is no such table in this file, or an errno. */
  probe(path: string): void {
    const file = openSync(path, "r");
    try {
      const length = readSync(file, this.#chunk, 0, 256, null);
      checkHeader(this.#chunk, length);
    } finally {
      closeSync(file);
    }
  }

  #readAll(file: number, digits: AddressDigits, wanted: Wanted): number {
    let pieces = 0;
    let total = 0;
    let kept = 0;
    for (;;) {
      const length = readSync(file, this.#chunk, kept, CHUNK_BYTES - kept, null);
      if (length === 0) break;
      total += length;
      if (total > MAX_TABLE_BYTES) throw new TableError("there are too many sockets to read");
      const end = kept + length;
      const start = pieces++ === 0 ? checkHeader(this.#chunk, end) : 0;
      const rest = scanRows(this.#chunk, start, end, digits, wanted);
      // A row that goes on in the next piece.
      this.#chunk.copyWithin(0, rest, end);
      kept = end - rest;
    }
    if (pieces === 0 || kept > 0) throw new TableError("the table ends in the middle");
    return pieces;
  }
}

/** @returns where the first row begins. */
function checkHeader(chunk: Buffer, end: number): number {
  const newline = chunk.subarray(0, end).indexOf(NEWLINE);
  const header = chunk.toString("latin1", 0, Math.max(0, newline));
  if (!HEADER.test(header)) throw new TableError("the table does not begin as it should");
  return newline + 1;
}

/**
 * Goes through complete rows. Their columns have fixed places after the row's number and colon.
 * @returns where the first incomplete row begins.
 * @throws {TableError} when a row is not as expected.
 */
export function scanRows(
  chunk: Buffer,
  start: number,
  end: number,
  digits: AddressDigits,
  wanted: Wanted,
): number {
  const keyLength = 2 * digits + 11;
  let row = start;
  while (row < end) {
    let local = row;
    while (local < end && chunk[local] !== COLON) local++;
    local += 2;
    const remote = local + digits + 6;
    const after = local + keyLength;
    const newline = after < end ? chunk.indexOf(NEWLINE, after) : -1;
    if (newline === -1 || newline >= end) return row;
    const isRow =
      chunk[local + digits] === COLON &&
      chunk[remote - 1] === SPACE &&
      chunk[remote + digits] === COLON &&
      chunk[after] === SPACE;
    if (!isRow) throw new TableError("a row of the table is not as it should be");
    const ports = [hex4(chunk, remote - 5), hex4(chunk, after - 4)] as const;
    if (wanted.mayWant(...ports)) {
      const key = chunk.toString("latin1", local, after);
      if (wanted.has(key))
        wanted.found(key, socketOf(chunk.toString("latin1", after + 1, newline)));
    }
    row = newline + 1;
  }
  return row;
}

/** @param columns `06 00000000:00000000 03:00001770 …`: state, queues (tx, rx), timer and what is left of it. */
function socketOf(columns: string): KernelSocket {
  const match = /^([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) ([0-9A-F]{2}):([0-9A-F]{8,16}) /.exec(
    columns,
  );
  if (!match) throw new TableError("the columns of a row are not as they should be");
  const [number = 0, tx = 0, rx = 0, timer, left = 0] = match
    .slice(1)
    .map((hex) => parseInt(hex, 16));
  const state = STATES[number];
  if (!state) throw new TableError(`there is no TCP state ${number}`);
  const isWaiting = state === "TIME_WAIT" && timer === TIME_WAIT_TIMER;
  return {
    state,
    unread: Math.max(0, rx - Number(FIN_CAME.includes(state))),
    unsent: Math.max(0, tx - Number(UNACKNOWLEDGED.includes(state))),
    timeWaitMs: isWaiting ? left * TICK_MS : null,
  };
}

/** Four hex digits as a number; what is not a digit gives a number that fits nothing wanted. */
function hex4(chunk: Buffer, at: number): number {
  let number = 0;
  for (let i = at; i < at + 4; i++) {
    const code = chunk[i] ?? 0;
    number = number * 16 + (code > 0x39 ? code - 0x37 : code - 0x30);
  }
  return number & 0xffff;
}
