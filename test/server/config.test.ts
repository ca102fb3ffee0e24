/** Settings: where each comes from, how it is written, and what is said about a wrong one. */
import { describe, expect, test } from "vitest";
import { askedFor, type Config, ConfigError, helpText, loadConfig } from "../../server/config.ts";
import { ALL_SETTINGS, isSwitch } from "../../server/settings.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";

/** Every flag: its field, its default, and two values it can have as they are written and as they are kept. */
const FLAGS: [flag: string, field: keyof Config, byDefault: unknown, ...[string, unknown][]][] = [
  ["port", "port", 8080, ["9001", 9001], ["0", 0]],
  ["host", "host", "127.0.0.1", ["0.0.0.0", "0.0.0.0"], ["[::1]", "::1"]],
  ["base-path", "basePath", "/", ["x/y", "/x/y/"], ["/wire-side/", "/wire-side/"]],
  ["lesson-host", "lessonHost", "127.0.0.1", ["127.0.0.2", "127.0.0.2"], ["::1", "::1"]],
  ["lesson-port", "lessonPort", 8000, ["9002", 9002], ["0", 0]],
  ["lessons", "lessons", LESSON_NAMES, ["chat,Accept", ["accept", "chat"]], ["none", []]],
  ["lesson-once", "lessonOnce", false, ["true", true], ["no", false]],
  ["allow", "allow", [], ["10.0.0.0/8", ["10.0.0.0/8"]], ["db=h.test:1", ["db=h.test:1"]]],
  ["deny", "deny", [], ["h.test:80", ["h.test:80"]], ["[::1]:80", ["[::1]:80"]]],
  ["allow-unix", "allowUnix", [], ["/run/a", ["/run/a"]], ["/b/", ["/b"]]],
  ["ca", "ca", [], ["a.pem", ["a.pem"]], ["/b.pem", ["/b.pem"]]],
  ["allowed-host", "allowedHosts", [], ["A.test", ["a.test"]], ["[::2]:81", ["[::2]:81"]]],
  [
    "allowed-origin",
    "allowedOrigins",
    [],
    ["https://a.test:443", ["https://a.test"]],
    ["http://b.test:81", ["http://b.test:81"]],
  ],
  ["trust-proxy", "trustProxy", false, ["1", true], ["off", false]],
  ["listen-host", "listenHost", undefined, ["0.0.0.0", "0.0.0.0"], ["[::1]", "::1"]],
  [
    "listen-ports",
    "listenPorts",
    { first: 1024, last: 65_535 },
    ["9000-9099", { first: 9000, last: 9099 }],
    ["80", { first: 80, last: 80 }],
  ],
  ["max-listeners", "maxListeners", 4, ["0", 0], ["64", 64]],
  ["max-sessions", "maxSessions", 2000, ["1", 1], ["77", 77]],
  ["max-sessions-per-address", "maxSessionsPerAddress", 200, ["1", 1], ["77", 77]],
  ["max-channels", "maxChannels", 16, ["1", 1], ["77", 77]],
  [
    "open-rate",
    "openRate",
    { perSecond: 5, burst: 20 },
    ["1/s,3", { perSecond: 1, burst: 3 }],
    ["120/m", { perSecond: 2, burst: 8 }],
  ],
  ["connect-timeout", "connectTimeoutMs", 10_000, ["250ms", 250], ["1m", 60_000]],
  ["hello-timeout", "helloTimeoutMs", 5_000, ["250ms", 250], ["1.5s", 1_500]],
  ["half-close-timeout", "halfCloseTimeoutMs", 60_000, ["250ms", 250], ["1h30m", 5_400_000]],
  ["window", "windowBytes", 262_144, ["64KiB", 65_536], ["16MiB", 16_777_216]],
  ["max-buffered-total", "maxBufferedTotalBytes", 2 ** 28, ["1GiB", 2 ** 30], ["1mib", 2 ** 20]],
  ["ping-interval", "pingIntervalMs", 5_000, ["250ms", 250], ["2s", 2_000]],
  ["ping-timeout", "pingTimeoutMs", 20_000, ["6s", 6_000], ["1h", 3_600_000]],
  ["idle-timeout", "idleTimeoutMs", 900_000, ["250ms", 250], ["8h", 28_800_000]],
  ["max-session", "maxSessionMs", 28_800_000, ["250ms", 250], ["11h", 39_600_000]],
  ["resume-grace", "resumeGraceMs", 60_000, ["0s", 0], ["2s", 2_000]],
  ["shutdown-timeout", "shutdownTimeoutMs", 25_000, ["0s", 0], ["2s", 2_000]],
  ["log-level", "logLevel", "info", ["debug", "debug"], ["SILENT", "silent"]],
  ["log-format", "logFormat", "json", ["pretty", "pretty"], ["json", "json"]],
  ["class-name", "className", "Class", ["Room 7", "Room 7"], [" Ünï ", "Ünï"]],
  ["class-size", "classSize", 400, ["1", 1], ["30", 30]],
  [
    "public-url",
    "publicUrl",
    undefined,
    ["https://a.test/x", "https://a.test/x/"],
    ["http://b.test:81", "http://b.test:81/"],
  ],
  ["access-code", "accessCode", undefined, ["abcd 2345", "abcd 2345"], ["WXYZ-9876", "WXYZ-9876"]],
];

/** The flags that SAFETY.md lists, and those this program has besides. */
const DOCUMENTED = [
  ...FLAGS.map(([flag]) => flag),
  ...["tls-cert", "tls-key", "class", "data", "keep", "redis", "peer-url", "help", "version"],
];

const variable = (flag: string) => `WIRESIDE_${flag.toUpperCase().replaceAll("-", "_")}`;
const load = (argv: string[], env: Record<string, string> = {}) => loadConfig(argv, env, false);

function complaint(argv: string[], env: Record<string, string> = {}): string {
  try {
    load(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

describe.each(FLAGS)("--%s", (flag, field, byDefault, [text, value], [other, otherValue]) => {
  test("has its documented default", () => {
    expect(load([])[field]).toEqual(byDefault);
  });

  test("takes its value from the flag, after a space or an equals sign", () => {
    expect(load([`--${flag}=${text}`])[field]).toEqual(value);
    if (typeof byDefault !== "boolean") expect(load([`--${flag}`, text])[field]).toEqual(value);
  });

  test("takes its value from the environment", () => {
    expect(load([], { [variable(flag)]: other })[field]).toEqual(otherValue);
  });

  test("prefers the flag to the environment", () => {
    expect(load([`--${flag}=${text}`], { [variable(flag)]: other })[field]).toEqual(value);
  });

  test("takes an empty variable as none", () => {
    expect(load([], { [variable(flag)]: "" })[field]).toEqual(byDefault);
  });
});

describe("several values", () => {
  test("a repeated flag keeps all of them in order, and hides the variable", () => {
    const argv = ["--allow", "a.test:1", "--allow", "10.0.0.0/8"];
    expect(load(argv, { WIRESIDE_ALLOW: "b.test:1" }).allow).toEqual(["a.test:1", "10.0.0.0/8"]);
  });

  test("a variable is a comma list, with blanks and empty entries forgiven", () => {
    const env = { WIRESIDE_DENY: " a.test:1, 10.0.0.0/8,,db=b.test:2 " };
    expect(load([], env).deny).toEqual(["a.test:1", "10.0.0.0/8", "db=b.test:2"]);
  });

  test("of other flags given twice the last wins", () => {
    expect(load(["--port", "1", "-p", "2"]).port).toBe(2);
  });
});

describe("lessons", () => {
  test("are all that there are, or those that are named, in their own order and each once", () => {
    expect(load(["--lessons", "all"]).lessons).toEqual(LESSON_NAMES);
    expect(load(["--lessons", " rude, chat,rude,,"]).lessons).toEqual(["chat", "rude"]);
  });

  test("keep their ports whichever of them run, and one that does not run is in nobody's way", () => {
    expect(load(["--port", "8001", "--lessons", "accept,chat"]).port).toBe(8001);
    expect(complaint(["--port", "8002", "--lessons", "chat"])).toMatch(/lesson server chat/);
    expect(load(["--port", "8000", "--lessons", "none"]).lessons).toEqual([]);
  });
});

describe("switches", () => {
  test("--help names for each switch the one that takes it back", () => {
    const flags = ALL_SETTINGS.map(([, setting]) => setting).filter(isSwitch);
    for (const { flag } of flags) {
      expect(helpText()).toContain(`--no-${flag}`);
      expect(() => load([`--no-${flag}`])).not.toThrow();
    }
  });

  test("--trust-proxy alone switches on, --no-trust-proxy switches off what a variable switched on", () => {
    expect(load(["--trust-proxy"]).trustProxy).toBe(true);
    expect(load(["--no-trust-proxy"], { WIRESIDE_TRUST_PROXY: "yes" }).trustProxy).toBe(false);
  });

  test("--help and --version are found among other flags, bad ones too", () => {
    expect(askedFor(["--port", "x", "--nonsense", "-h"])).toBe("help");
    expect(askedFor(["--version"])).toBe("version");
    expect(askedFor(["--port", "1"])).toBeNull();
  });
});

describe("TLS", () => {
  test("takes a certificate with its key", () => {
    const config = load(["--tls-cert", "c.pem", "--tls-key", "k.pem"]);
    expect([config.tlsCert, config.tlsKey]).toEqual(["c.pem", "k.pem"]);
    expect(load([])).not.toHaveProperty("tlsCert");
  });
});

describe("a class", () => {
  test("listens for everybody, has room for them behind one address, and waits longer for each", () => {
    expect(load([]).class).toBe(false);
    expect(load(["--class"])).toMatchObject({
      class: true,
      host: "0.0.0.0",
      resumeGraceMs: 600_000,
      idleTimeoutMs: 3_600_000,
      maxSessions: 2000,
      maxSessionsPerAddress: 820,
    });
    expect(load(["--class", "--class-size", "2000"]).maxSessions).toBe(4020);
  });

  test("has what was given for it, by a flag or by a variable", () => {
    const flags = ["--class", "--host", "127.0.0.1", "--resume-grace", "2s"];
    const config = load(flags, { WIRESIDE_IDLE_TIMEOUT: "5m", WIRESIDE_MAX_SESSIONS: "3" });
    expect(config).toMatchObject({ host: "127.0.0.1", resumeGraceMs: 2_000 });
    expect(config).toMatchObject({ idleTimeoutMs: 300_000, maxSessions: 3 });
  });

  test("can keep conversations, for a time or until somebody deletes them", () => {
    expect(load(["--class", "--data", "d"])).toMatchObject({ data: "d" });
    expect(load(["--class", "--data", "d"])).not.toHaveProperty("keepMs");
    expect(load(["--class", "--data", "d", "--keep", "30d"]).keepMs).toBe(30 * 86_400_000);
  });

  test("can have several gateways", () => {
    const { redis, peerUrl } = load([
      ...["--class", "--redis", "rediss://a:b@r.test:6380/1"],
      ...["--peer-url", "http://10.0.0.1:8080"],
    ]);
    expect([redis, peerUrl]).toEqual(["rediss://a:b@r.test:6380/1", "http://10.0.0.1:8080/"]);
    for (const path of ["/run/redis.sock", "unix:/run/redis.sock"]) {
      expect(load(["--class", "--redis", path]).redis).toBe("/run/redis.sock");
    }
  });
});

test("--public-url is also a host and an origin that is let in", () => {
  const config = load(["--public-url", "https://a.test/x", "--allowed-host", "b.test"]);
  expect(config.allowedHosts).toEqual(["b.test", "a.test"]);
  expect(config.allowedOrigins).toEqual(["https://a.test"]);
});

describe("the log format", () => {
  test("is pretty on a terminal unless told otherwise", () => {
    expect(loadConfig([], {}, true).logFormat).toBe("pretty");
    expect(loadConfig(["--log-format", "json"], {}, true).logFormat).toBe("json");
  });
});

describe("a configuration", () => {
  test("cannot be changed", () => {
    const config = load(["--allow", "a.test:1"]);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.allow)).toBe(true);
    expect(Object.isFrozen(config.openRate)).toBe(true);
  });
});

describe("a mistake is answered with one sentence", () => {
  test.each([
    [["--prot", "1"], "There is no flag --prot: did you mean --port?"],
    [["--max-chanels=3"], "There is no flag --max-chanels: did you mean --max-channels?"],
    [["--qwertyuiop"], "There is no flag --qwertyuiop: wireside --help lists the flags."],
    [["-x"], "There is no flag -x: wireside --help lists the flags."],
    [["8080"], 'Wireside takes flags only, not "8080": wireside --help lists them.'],
    [["--port"], "--port needs a value: write --port NUMBER, see wireside --help."],
    [["--port", "--host", "::1"], /^--port needs a value/],
    [["--port", "80a"], /^--port must be a whole number from 0 to 65535, such as 8080, not "80a"/],
    [["-p", "65536"], /^-p must be a whole number from 0 to 65535/],
    [["--host", "0x7f.1"], /^--host must be an address of this machine/],
    [["--base-path", "/a/../b"], /^--base-path must be a path such as \/wireside\//],
    [["--allow", "10.0.0.1"], /^--allow cannot be read: "10.0.0.1" has no port\./],
    [["--deny", "nonsense"], /^--deny cannot be read: "nonsense" is not host:port\./],
    [["--allow-unix", "run/x"], /^--allow-unix must be the absolute path of a directory/],
    [["--allow-unix", "/"], /^--allow-unix must be the absolute path of a directory/],
    [["--allow-unix", "/run/../etc"], /^--allow-unix must be the absolute path of a directory/],
    [["--allowed-host", "http://a.test"], /^--allowed-host must be a host as the browser shows it/],
    [
      ["--allowed-origin", "https://a.test/x"],
      /^--allowed-origin must be an origin .* without a path/,
    ],
    [["--allowed-origin", "null"], /^--allowed-origin must be an origin/],
    [["--trust-proxy=maybe"], '--trust-proxy must be true or false, not "maybe".'],
    [["--no-trust-proxy=1"], "--no-trust-proxy takes no value."],
    [["--max-sessions", "0"], /^--max-sessions must be a whole number from 1/],
    [["--open-rate", "5"], /^--open-rate must be a rate such as 5\/s/],
    [["--open-rate", "0/s"], /^--open-rate must be a rate/],
    [
      ["--connect-timeout", "10"],
      /^--connect-timeout must be a time such as 250ms, 30s, 15m or 8h/,
    ],
    [["--connect-timeout", "99h"], /^--connect-timeout must be a time from 10ms to 10m/],
    [["--max-session", "12h"], /^--max-session must be a time from 10ms to 11h/],
    [["--window", "256KB"], /^--window must be a size such as 64KiB/],
    [["--window", "65535B"], /^--window must be a size from 64KiB to 16MiB/],
    [["--window", "17MiB"], /^--window must be a size from 64KiB to 16MiB/],
    [["--log-level", "loud"], /^--log-level must be one of fatal, error, warn/],
    [["--tls-cert", "c.pem"], "--tls-cert is of no use alone: give --tls-key too, or neither."],
    [["--tls-key", "k.pem"], "--tls-key is of no use alone: give --tls-cert too, or neither."],
    [["--ping-timeout", "5s"], /^--ping-timeout 5s must be longer than --ping-interval 5s/],
    [["--window", "16MiB", "--max-buffered-total", "31MiB"], /too small .* make it 32MiB or more/],
    [["--data", "d"], /^--data is of no use without a class: give --class too/],
    [["--redis", "/r.sock"], /^--redis is of no use without a class/],
    [
      ["--class", "--peer-url", "http://a.test"],
      /^--peer-url is of no use alone: give --redis too/,
    ],
    [["--class", "--keep", "1d"], /^--keep is of no use alone: give --data too/],
    [["--class", "--access-code", "ABCD2345"], /^--access-code is of no use with --class/],
    [["--class", "--lesson-port", "8080"], /^The page and the lesson server accept cannot both/],
    [["--class-name", " "], /^--class-name must be a name of 1 to 60 characters/],
    [["--class-name", "a\u202eb"], /^--class-name must be a name .*\\u202e/],
    [["--public-url", "a.test"], /^--public-url must be an address such as https:/],
    [["--public-url", "http://a.test/?x"], /^--public-url must be an address .* without \? and #/],
    [["--redis", "http://secret@a.test"], /^--redis must be an address such as redis:/],
    [["--redis", "http://secret@a.test"], /^(?!.*secret)/],
    ...LESSON_NAMES.map((name, i): [string[], string] => [
      ["--port", `${8000 + i}`],
      `The page and the lesson server ${name} cannot both have port ${8000 + i}: give another --port or --lesson-port.`,
    ]),
    [
      ["--lesson-port", "65530"],
      "--lesson-port 65530 leaves too few ports for the lesson servers that follow the first: make it 65529 or less.",
    ],
    [
      ["--lessons", "accept,chatt"],
      '--lessons takes all, none, or some of accept, echo, chat, recv16, silent, slow, rude with commas between them, not "chatt".',
    ],
    [["--lessons", "none,chat"], /^--lessons takes all, none, or some of .*, not "none"\.$/],
    [["--lessons="], /^--lessons takes all, none, or some of .*, not ""\.$/],
  ])("%j", (argv, sentence) => {
    const said = complaint(argv);
    if (typeof sentence === "string") expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
    expect(said).not.toContain("\n");
  });

  test("which names the variable when that is where it stands", () => {
    expect(complaint([], { WIRESIDE_PORT: "x" })).toMatch(/^WIRESIDE_PORT must be a whole number/);
    expect(complaint([], { WIRESIDE_ALLOW: "a.test:1,b" })).toMatch(
      /^WIRESIDE_ALLOW cannot be read/,
    );
  });

  test("which repeats no control or bidi character", () => {
    const said = complaint(["--port", "1\u001b[2J\r\n\u202e\u009b\u00ad\u180e\ufff9\u{e0041}"]);
    expect(said).toContain("1\\u001b[2J\\r\\n\\u202e\\u009b\\u00ad\\u180e\\ufff9\\udb40\\udc41");
    expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("which does not repeat an access code, even a bad one", () => {
    expect(complaint(["--access-code", "hunter2"])).not.toContain("hunter2");
  });
});

describe("the help", () => {
  test.each(DOCUMENTED)("lists --%s", (flag) => {
    expect(helpText()).toMatch(new RegExp(`^ {2}(?:-\\w, | {4})--${flag}(?: |$)`, "m"));
  });

  test("keeps its lines within 96 columns and its texts below each other", () => {
    const lines = helpText().split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(96);
    const starts = lines
      .map((line) => /^ {2}(?:-\w, | {4})--\S+(?: \S+)? {2,}/.exec(line)?.[0].length)
      .filter((column) => column !== undefined);
    expect(new Set(starts).size).toBe(1);
  });

  test("shows the documented defaults", () => {
    const text = helpText().replace(/\s+/g, " ");
    for (const shown of ["8080", "127.0.0.1", "256KiB", "256MiB", "15m", "8h", "5/s,20", "2000"]) {
      expect(text).toMatch(new RegExp(`\\(default: ${shown}[;)]`));
    }
  });
});
