/** A strip while a large file is read or written, with a way to stop; and what was wrong with a file. */
import { bytes } from "../model/format.ts";
import type { Job, Recorder } from "./recorder.ts";

export interface JobStripProps {
  recorder: Recorder;
  /** The strip goes: the focus goes back to what it is about. */
  leave(): void;
}

export default function JobStrip({ recorder, leave }: JobStripProps) {
  const { job, trouble } = recorder;
  const cancel = () => {
    recorder.cancel();
    leave();
  };
  const dismiss = () => {
    recorder.dismiss();
    leave();
  };
  if (job) return <Working job={job} cancel={cancel} />;
  if (!trouble) return null;
  return (
    <div className="notice urgent">
      <p role="alert">
        <strong className="label">{trouble.headline}</strong> {trouble.text}
      </p>
      <button type="button" className="button" onClick={dismiss}>
        Dismiss
      </button>
    </div>
  );
}

function Working({ job, cancel }: { job: Job; cancel(): void }) {
  const verb = job.kind === "saving" ? "Saving" : "Opening";
  const known = job.total === null ? {} : { max: job.total, value: job.done };
  const of = job.total === null ? "" : ` of ${bytes(job.total)}`;
  return (
    <div className="notice job">
      <p>
        <strong className="label">{verb}</strong> {job.name}
      </p>
      <progress {...known} aria-label={verb} />
      <span className="data">{`${bytes(job.done)}${of}`}</span>
      <button type="button" className="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}
