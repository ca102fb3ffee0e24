/** Other programs as children: their output as it comes, their input, their end. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { eventually } from "./eventually.ts";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process whose output can be waited for. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything printed so far, standard output and errors together. */
  output = "";
  readonly ended: Promise<Ended>;
  #over = false;
  readonly #watchers = new Set<() => void>();

  constructor(command: string, args: string[]) {
    this.child = spawn(command, args, { stdio: "pipe" });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#wake();
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", (error) => {
        this.#end();
        reject(new Error(`${command} cannot be started: is it installed?`, { cause: error }));
      });
      this.child.once("close", (code, signal) => {
        this.#end();
        resolve({ code, signal });
      });
    });
  }

  /** Types text; the line ending is the caller's. */
  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Waits until the output matches, and returns the match. Rejects when the program ends first. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(this.output);
        if (!match && !this.#over) return;
        this.#watchers.delete(check);
        if (match) resolve(match);
        else reject(new Error(`ended without ${pattern}: ${JSON.stringify(this.output)}`));
      };
      this.#watchers.add(check);
      check();
    });
  }

  /**
   * Waits until the program waits for something itself (proc(5), state S). A signal in the moment
   * between its last words and its next read would only be noticed after that read.
   */
  async sleeps(): Promise<void> {
    const stat = `/proc/${this.child.pid}/stat`;
    if (!existsSync(stat)) return;
    await eventually(
      () => readFileSync(stat, "utf8").replace(/^.*\) (\S).*$/s, "$1"),
      (state) => state === "S",
    );
  }

  /** Ends it, if it still runs, and waits for that. */
  async stop(): Promise<void> {
    if (!this.#over) this.child.kill("SIGKILL");
    await this.ended;
  }

  #end(): void {
    this.#over = true;
    this.#wake();
  }

  #wake(): void {
    for (const check of this.#watchers) check();
  }
}
