/** Rows of the kernel's table, written out: what is read from them, and what is never looked at. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Pair } from "../../../server/observe.ts";
import { spellingsOf, WantedRows } from "../../../server/sockets/kernel-keys.ts";
import { type AddressDigits, TableReader } from "../../../server/sockets/kernel-table.ts";
import type { KernelSocket } from "../../../shared/tcp.ts";

// The rows below are those of a little-endian machine; the kernel prints words in its own order.
const isLittle = endianness() === "LE";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const HEADER_4 =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const HEADER_6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

function row4(number: number, ends: string, columns: string): string {
  const text = `${String(number).padStart(4)}: ${ends} ${columns} 00000000  1000        0 31337 1 0000000000000000 20 4 30 10 -1`;
  return text.padEnd(149);
}

const row6 = (number: number, ends: string, columns: string) =>
  row4(number, ends, columns).trimEnd();

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "kernel-table-"));
  folders.push(folder);
  const path = join(folder, "tcp");
  writeFileSync(path, text);
  return path;
}

/** Reads a table in which the near end of `pair` is wanted. */
function read(lines: string[], digits: AddressDigits, pair: Pair): KernelSocket[] {
  const wanted = new WantedRows();
  const spellings = spellingsOf(pair);
  const key = digits === 8 ? spellings?.tcp : spellings?.tcp6;
  const found: KernelSocket[] = [];
  if (key) wanted.add(key, (socket) => found.push(socket));
  new TableReader().read(file(`${lines.join("\n")}\n`), digits, wanted);
  return found;
}

const PAIR: Pair = {
  local: { host: "127.0.0.1", port: 50000 },
  remote: { host: "192.168.1.20", port: 8000 },
};
const ENDS = isLittle ? "0100007F:C350 1401A8C0:1F40" : "7F000001:C350 C0A80114:1F40";

const only = (columns: string) => read([HEADER_4, row4(0, ENDS, columns)], 8, PAIR);

test("an IPv4 row gives its state and both queues", () => {
  expect(only("01 0000001F:00000A00 01:00000014")).toEqual([
    { state: "ESTABLISHED", unread: 2560, unsent: 31, timeWaitMs: null },
  ]);
});

test("every state number has its name", () => {
  const states = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "0A", "0B", "0C"].map(
    (number) => only(`${number} 00000000:00000000 00:00000000`)[0]?.state,
  );
  expect(states).toEqual([
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
  ]);
});

test("TIME_WAIT says how long it still lasts; no other timer does", () => {
  expect(only("06 00000000:00000000 03:00001770")).toEqual([
    { state: "TIME_WAIT", unread: 0, unsent: 0, timeWaitMs: 60_000 },
  ]);
  expect(only("05 00000000:00000000 03:00001770")[0]?.timeWaitMs).toBeNull();
  expect(only("02 00000001:00000000 01:00000064")[0]?.timeWaitMs).toBeNull();
});

test("a SYN or FIN in a queue is not counted as a byte", () => {
  expect(only("02 00000001:00000000 01:00000064")[0]).toMatchObject({ unsent: 0 });
  expect(only("04 00000001:00000000 01:00000014")[0]).toMatchObject({ unsent: 0 });
  expect(only("04 00000006:00000000 01:00000014")[0]).toMatchObject({ unsent: 5 });
  expect(only("08 00000000:00000001 00:00000000")[0]).toMatchObject({ unread: 0 });
  expect(only("08 00000000:00000006 00:00000000")[0]).toMatchObject({ unread: 5 });
  // The program has read the end as well: nothing is left to take away.
  expect(only("08 00000000:00000000 00:00000000")[0]).toMatchObject({ unread: 0 });
  expect(only("09 00000003:00000001 01:00000014")[0]).toMatchObject({ unread: 0, unsent: 2 });
});

test("an IPv6 row is found by its four words", () => {
  const ends = isLittle
    ? "B80D01200000000000000000010000AB:C350 00000000000000000000000001000000:1F40"
    : "20010DB80000000000000000AB000001:C350 00000000000000000000000000000001:1F40";
  const pair: Pair = {
    local: { host: "2001:db8::ab00:1", port: 50000 },
    remote: { host: "::1", port: 8000 },
  };
  expect(read([HEADER_6, row6(0, ends, "08 00000000:00000003 00:00000000")], 32, pair)).toEqual([
    { state: "CLOSE_WAIT", unread: 2, unsent: 0, timeWaitMs: null },
  ]);
});

test("an IPv4 connection of an IPv6 socket is found under its mapped address, in either spelling", () => {
  const ends = isLittle
    ? "0000000000000000FFFF00000100007F:1F40 0000000000000000FFFF00000100007F:C350"
    : "00000000000000000000FFFF7F000001:1F40 00000000000000000000FFFF7F000001:C350";
  for (const host of ["127.0.0.1", "::ffff:127.0.0.1"]) {
    const pair = { local: { host, port: 8000 }, remote: { host, port: 50000 } };
    const found = read([HEADER_6, row6(0, ends, "01 00000000:00000005 00:00000000")], 32, pair);
    expect(found).toEqual([{ state: "ESTABLISHED", unread: 5, unsent: 0, timeWaitMs: null }]);
  }
});

test("rows of other pairs are passed over, also those that differ in one port or in their order", () => {
  const [local = "", remote = ""] = ENDS.split(" ");
  const others = [
    `${remote} ${local}`,
    `${local.slice(0, -1)}1 ${remote}`,
    `${local} ${remote.slice(0, -1)}1`,
    // Both ports swapped: the same to the quick look.
    `${local.slice(0, 9)}${remote.slice(9)} ${remote.slice(0, 9)}${local.slice(9)}`,
  ];
  const rows = others.map((ends, i) => row4(i, ends, "01 00000000:00000007 00:00000000"));
  expect(read([HEADER_4, ...rows], 8, PAIR)).toEqual([]);
});

test("the row is found among tens of thousands, wherever a piece of the file ends", () => {
  const rows: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const port = (1024 + (i % 40_000)).toString(16).toUpperCase().padStart(4, "0");
    rows.push(row4(i, `0A00000A:${port} 0B00000A:0050`, "01 00000000:00000000 00:00000000"));
  }
  for (const place of [0, 435, 436, 437, 872, 9_999, 19_999]) {
    const lines = rows.with(place, row4(place, ENDS, "01 00000000:00000009 00:00000000"));
    expect(read([HEADER_4, ...lines], 8, PAIR)).toHaveLength(1);
  }
});

test("what is not such a table is an error, and not a socket", () => {
  expect(() => read(["no table"], 8, PAIR)).toThrow("does not begin");
  expect(() => read([HEADER_4, "   0: something else".padEnd(149)], 8, PAIR)).toThrow("a row");
  expect(() => only("01 none:at-all 00:00000000")).toThrow("columns");
  expect(() => only("7F 00000000:00000000 00:00000000")).toThrow("no TCP state 127");
  const cut = file(`${HEADER_4}\n${row4(0, ENDS, "01 00000000:00000000 00:00000000")}`);
  expect(() => new TableReader().read(cut, 8, new WantedRows())).toThrow("ends in the middle");
});

test("an address that is none has no spelling", () => {
  expect(spellingsOf({ ...PAIR, local: { host: "localhost", port: 1 } })).toBeNull();
  expect(spellingsOf({ ...PAIR, local: { host: "::1", port: 1 } })).toBeNull();
});
