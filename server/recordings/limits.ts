/** How much is kept, and in what portions it is written. */
import {
  MAX_RECORDING_BYTES,
  MAX_RECORDING_EVENTS,
  MAX_RECORDING_LINE_BYTES,
} from "../../shared/recording.ts";

const MIB = 1024 * 1024;

export interface Limits {
  /**
   * What has waited so long is written, in milliseconds: half of the 200 that are promised, for the other
   * half is the disk's and the event loop's.
   */
  flushMs: number;
  /** So much of one conversation does not wait, in bytes. */
  writeAtBytes: number;
  /** More than this waits for the disk in no file, and in all together. Beyond it the disk is too slow. */
  waitingBytes: number;
  allWaitingBytes: number;
  /** When more of a file waits than this, only the first bytes of each further piece are kept. */
  excerptAtBytes: number;
  /**
   * Descriptors: enough for two classes at once, for opening and closing a file costs more than what is
   * written of a moment's talk. And files that are written at once: as many as Node's threads for files.
   */
  openFiles: number;
  writers: number;
  /** Of one conversation so many bytes are kept, and of what comes after only the first of each piece. */
  wholeBytes: number;
  excerptBytes: number;
  /** What one file has at most, so that a page opens it; the conversation goes on in another. */
  fileEvents: number;
  fileBytes: number;
}

export const LIMITS: Limits = {
  flushMs: 100,
  writeAtBytes: 256 * 1024,
  waitingBytes: 8 * MIB,
  allWaitingBytes: 64 * MIB,
  excerptAtBytes: 4 * MIB,
  openFiles: 64,
  writers: 4,
  // As much as a page keeps.
  wholeBytes: 64 * MIB,
  excerptBytes: 64,
  fileEvents: MAX_RECORDING_EVENTS,
  fileBytes: MAX_RECORDING_BYTES - MAX_RECORDING_LINE_BYTES,
};
