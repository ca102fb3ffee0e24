/** The name, its two i-dots wired: a plug above the first, a jack above the second. */

export function Wordmark() {
  return (
    <h1 className="wordmark">
      <span className="unseen">Wireside</span>
      <span aria-hidden="true" className="wordmark-letters">
        W<span className="dotted plug">ı</span>res<span className="dotted jack">ı</span>de
      </span>
    </h1>
  );
}
