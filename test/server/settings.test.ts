/** Every setting has a test that shows that it does something, and this table says which. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../../server/settings.ts";

const LIMITS = "gateway/limits.test.ts";
const LISTENING = "gateway/listen-address.test.ts";

/** Flag → the test file that starts a gateway with it, and words of the title of the test there. */
const PROVED: Record<string, [file: string, title: string]> = {
  port: ["main.test.ts", "because another program has it, is named with a way out"],
  host: ["start.test.ts", "--host binds that address and no other"],
  "base-path": ["app.test.ts", "lives below --base-path"],
  "tls-cert": ["app.test.ts", "serves the page over https"],
  "tls-key": ["app.test.ts", "serves the page over https"],
  "lesson-host": ["start.test.ts", "--lesson-host and --lesson-port say where"],
  "lesson-port": ["main.test.ts", "for a lesson server, is named as its own"],
  lessons: ["start.test.ts", "--lessons chooses which lesson servers run"],
  "lesson-once": ["start.test.ts", "--lesson-once serves one client"],
  "listen-host": [LISTENING, "--listen-host opens one more address"],
  "listen-ports": [LISTENING, "--listen-ports is the range"],
  "max-listeners": [LISTENING, "--max-listeners 0 lets none listen"],
  allow: ["gateway/targets.test.ts", "--allow opens what a gateway"],
  deny: ["gateway/targets.test.ts", "--deny wins over --allow"],
  "allow-unix": ["gateway/kinds.test.ts", "where --allow-unix names its directory"],
  ca: ["gateway/kinds.test.ts", "trusts an authority named by --ca"],
  "allowed-host": ["start.test.ts", "--allowed-host lets a request for that name in"],
  "allowed-origin": ["start.test.ts", "--allowed-origin lets another site's page"],
  "trust-proxy": [LIMITS, "whatever --trust-proxy says it is"],
  "access-code": ["gateway/upgrade.test.ts", "only with the access code"],
  class: ["class-greeting.test.ts", "--class listens for other machines"],
  "class-name": ["class-greeting.test.ts", "names the class, the address, the code"],
  "class-size": ["class-flags.test.ts", "--class-size is how many"],
  "public-url": ["class-greeting.test.ts", "--public-url is what students open"],
  data: ["class-flags.test.ts", "--data keeps what students say"],
  keep: ["class-flags.test.ts", "--keep says for how long"],
  redis: ["class-flags.test.ts", "--redis that cannot be reached"],
  "peer-url": ["class-flags.test.ts", "--peer-url is where"],
  "max-sessions": [LIMITS, "has room for --max-sessions pages"],
  "max-sessions-per-address": [LIMITS, "has room for --max-sessions-per-address pages"],
  "max-channels": [LIMITS, "opens --max-channels connections"],
  "open-rate": [LIMITS, "no faster than --open-rate"],
  window: [LIMITS, "has at most --window bytes under way"],
  "max-buffered-total": [LIMITS, "keeps --max-buffered-total for all pages"],
  "connect-timeout": [LIMITS, "waits --connect-timeout"],
  "hello-timeout": [LIMITS, "waits --hello-timeout"],
  "half-close-timeout": [LIMITS, "waits --half-close-timeout"],
  "ping-interval": ["gateway/silence.test.ts", "asked every --ping-interval"],
  "ping-timeout": ["gateway/silence.test.ts", "is let go within --ping-timeout"],
  "idle-timeout": [LIMITS, "nothing has moved for --idle-timeout"],
  "max-session": [LIMITS, "has lasted --max-session"],
  "resume-grace": [LIMITS, "for --resume-grace, and no longer"],
  "shutdown-timeout": ["gateway/drain.test.ts", "never ends at --shutdown-timeout"],
  "log-level": ["start.test.ts", "--log-level leaves out what is less important"],
  "log-format": ["start.test.ts", "--log-format json is one object a line"],
};

const flags = ALL_SETTINGS.map(([, { flag }]) => flag);

describe("settings", () => {
  test("are all in the table of what is shown, and nothing else is", () => {
    expect(Object.keys(PROVED).sort()).toEqual([...flags].sort());
  });

  test.each(flags)("--%s is given to a gateway by the test that shows what it does", (flag) => {
    const [file, title] = PROVED[flag] ?? ["", ""];
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    const [, body = ""] = source.split(title);
    // The test itself, not just its file: up to where the next one begins.
    const itself = body.split(/^ {0,2}(?:it|test|describe)\b/m)[0];
    expect(itself).toMatch(new RegExp(`["\`]--${flag}["\`= ]`));
  });
});
