/** What a student's page does when the teacher speaks: connect once, show words until they are put away. */
import { describe, expect, test } from "vitest";
import type { ClassMessage, ClassNow } from "../../../shared/classroom.ts";
import { Classroom } from "../../../web/model/classroom.ts";
import { Desk } from "../../../web/model/desk.ts";
import { inClass, listeners, reachable } from "../../../web/model/in-class.ts";
import { readPlace, screensOf } from "../../../web/model/place.ts";
import { Settings } from "../../../web/model/settings.ts";
import { Student } from "../../../web/model/student.ts";
import { MemoryCarrier } from "../../support/memory-carrier.ts";

const ACCEPT = { name: "accept", address: "tcp://127.0.0.1:8000", about: "" };
const ECHO = { name: "echo", address: "tcp://127.0.0.1:8001", about: "" };
const ends = {
  local: { host: "127.0.0.1", port: 50_000 },
  remote: { host: "127.0.0.1", port: 8000 },
};

const now: ClassNow = {
  type: "class",
  name: "Networks 101",
  role: "student",
  student: { id: "s1", name: "Trinity" },
  locked: false,
  namesHidden: false,
  frozen: false,
  targets: [ACCEPT, ECHO],
  servers: [],
  keeps: false,
  students: 2,
};

/** Web Storage of one browser: pages loaded one after the other share it. */
function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

/** A student's page, as it is after it was loaded. */
function page(keep = storage(), hash = "") {
  const carrier = new MemoryCarrier();
  const settings = new Settings(keep);
  const desk = new Desk(carrier, settings, screensOf.student);
  desk.go(readPlace(hash));
  let hear: (message: ClassMessage) => void = () => {};
  const classroom = new Classroom({
    sendClass: () => true,
    onClass: ({ heard }) => {
      hear = heard;
      return () => {};
    },
  });
  const student = new Student(classroom, desk, settings);
  const hears = (changes: Partial<ClassNow> = {}) => hear({ ...now, ...changes });
  const opens = () => carrier.happen({ kind: "open", at: 0, side: "near", ...ends });
  return { carrier, desk, student, keep, settings, hears, opens };
}

const point = (n: number, address = ECHO.address) => ({ point: { n, address } });

describe("joining", () => {
  test("is talking: the first target is connected to as soon as the class is known", () => {
    const { desk, hears, carrier } = page();
    expect(desk.current.conversation).toBeNull();
    hears();
    expect(desk.current.addressText).toBe(ACCEPT.address);
    hears({ students: 3 });
    expect(carrier.dialled).toBe(1);
  });

  test("goes where the last conversation went, but not to what this class may not reach", () => {
    const again = page();
    again.settings.lastAddress = ECHO.address;
    again.hears();
    expect(again.desk.current.addressText).toBe(ECHO.address);
    const elsewhere = page();
    elsewhere.settings.lastAddress = "tcp://10.0.0.7:4000";
    elsewhere.hears();
    expect(elsewhere.desk.current.addressText).toBe(ACCEPT.address);
  });

  test("dials nothing where the page begins with Serve, or with the address of a link", () => {
    for (const hash of ["#serve", "#talk=tcp://127.0.0.1:9090"]) {
      const { carrier, hears } = page(storage(), hash);
      hears();
      expect(carrier.dialled).toBe(0);
    }
  });

  test("waits until the link has given back what an earlier load of the page had", () => {
    const { carrier, hears } = page();
    Object.assign(carrier.status, { phase: "connecting" });
    hears();
    expect(carrier.dialled).toBe(0);
  });
});

describe("an address from the teacher", () => {
  test("takes the conversation in front when that is over, and a new one when it is not", () => {
    const { desk, student, hears, opens, carrier } = page();
    hears(point(1));
    expect(desk.talks).toHaveLength(1);
    expect(desk.current.addressText).toBe(ECHO.address);
    expect(student.pointed).toMatchObject({ address: ECHO.address, before: null });
    opens();
    const before = desk.current;
    hears(point(2, ACCEPT.address));
    expect(desk.talks).toHaveLength(2);
    expect(desk.current.addressText).toBe(ACCEPT.address);
    expect(student.pointed?.before).toBe(before);
    expect(carrier.dialled).toBe(2);
    student.goBack();
    expect(desk.current).toBe(before);
    expect(student.pointed).toBeNull();
  });

  test("is followed once, however often it is said, and not again after a reload", () => {
    const first = page();
    first.hears(point(4));
    first.hears(point(4));
    expect(first.carrier.dialled).toBe(1);
    const reloaded = page(first.keep, "#serve");
    reloaded.hears(point(4));
    expect(reloaded.carrier.dialled).toBe(0);
    reloaded.hears(point(5));
    expect(reloaded.carrier.dialled).toBe(1);
  });

  test("where there is no room for another conversation waits until there is", () => {
    const { desk, student, hears, opens, carrier } = page();
    Object.assign(carrier.status, { maxChannels: 1 });
    hears();
    opens();
    hears(point(1));
    expect(student.pointed).toMatchObject({ address: ECHO.address, talk: null });
    expect(carrier.dialled).toBe(1);
    Object.assign(carrier.status, { maxChannels: 2 });
    student.connectAgain();
    expect(student.pointed?.talk).toBe(desk.current);
    expect(carrier.dialled).toBe(2);
  });

  test("whose earlier conversation was closed meanwhile offers no way back to it", () => {
    const { desk, student, hears, opens } = page();
    hears();
    opens();
    const before = desk.current;
    hears(point(1));
    desk.close(before);
    expect(student.pointed).toMatchObject({ before: null });
  });
});

test("a class that is over is connected to no more, and has room for nothing new", () => {
  const { carrier, desk, hears } = page();
  hears();
  carrier.happen({ kind: "error", at: 0, side: "near", code: "CLASS_ENDED", detail: "" });
  Object.assign(carrier.status, {
    phase: "stopped",
    failure: { code: "CLASS_ENDED", detail: "" },
  });
  expect(desk.current.busy).toBe(false);
  desk.current.again();
  expect(carrier.dialled).toBe(1);
  expect(desk.hasRoom).toBe(false);
});

describe("a note", () => {
  const note = (n: number, text: string) => ({ note: { n, text } });

  test("is put away for good, and the next one is shown again", () => {
    const { student, hears, keep } = page();
    hears(note(1, "Look at the board."));
    expect(student.note).toBe("Look at the board.");
    student.putNoteAway();
    hears(note(1, "Look at the board."));
    expect(student.note).toBeNull();
    const reloaded = page(keep);
    reloaded.hears(note(1, "Look at the board."));
    expect(reloaded.student.note).toBeNull();
    reloaded.hears(note(2, "Go on."));
    expect(reloaded.student.note).toBe("Go on.");
    reloaded.hears(note(3, ""));
    expect(reloaded.student.note).toBeNull();
  });

  test("put away by one student is there for the next one at the same machine", () => {
    const { student, hears, keep } = page();
    hears(note(1, "Look at the board."));
    student.putNoteAway();
    const next = page(keep);
    next.hears({ ...note(1, "Look at the board."), student: { id: "s2", name: "Neo" } });
    expect(next.student.note).toBe("Look at the board.");
  });
});

describe("who listens", () => {
  const servers = [
    { student: "s2", name: "Neo", address: "tcp://127.0.0.1:9090" },
    { student: "s1", name: "Trinity", address: "tcp://127.0.0.1:9091" },
    { student: "s3", name: "", address: "udp://127.0.0.1:9092" },
  ];

  test("has a name and a port, and the page's own student apart", () => {
    expect(listeners({ ...now, servers })).toEqual([
      { name: "Neo", address: "tcp://127.0.0.1:9090", port: "9090", own: false },
      { name: "Trinity", address: "tcp://127.0.0.1:9091", port: "9091", own: true },
      { name: "A student", address: "udp://127.0.0.1:9092", port: "9092", own: false },
    ]);
  });

  test("is among what may be reached, and only of a student's page", () => {
    const student = inClass({ ...now, servers });
    expect(student?.reach.map(({ name }) => name)).toEqual(["accept", "echo", "Neo", "A student"]);
    const status = { ...new MemoryCarrier().status, student };
    expect(reachable(status)).toEqual([
      "accept (8000)",
      "echo (8001)",
      "Neo (9090)",
      "A student (9092)",
    ]);
    expect(inClass({ ...now, role: "teacher" })).toBeNull();
    expect(reachable({ ...status, student: null })).toBeNull();
  });

  test("explains a refused address: no flags, what may be reached, who can add it", () => {
    const { desk, hears, carrier } = page();
    hears();
    Object.assign(carrier.status, { student: inClass({ ...now, servers }) });
    const detail = "Start the gateway with --allow 10.0.0.7:22 to allow it.";
    carrier.happen({ kind: "error", at: 0, side: "near", code: "NOT_ALLOWED", detail });
    const failure = desk.current.failure;
    const said = `${failure?.sentence} ${failure?.hints.join(" ")}`;
    expect(said).not.toContain("--allow");
    expect(said).toContain("Neo (9090)");
    expect(said).toContain("Your teacher can add this one.");
    Object.assign(carrier.status, { student: null });
    expect(desk.current.failure?.sentence).toContain("--allow 10.0.0.7:22");
  });
});
