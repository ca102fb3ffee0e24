/** Signs of a class. */

/** Somebody looks on. */
export function EyeSign() {
  return (
    <svg className="eye" width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">
      <path
        d="M1.5 7c2.4-3.6 5.6-5.5 9.5-5.5S18.1 3.4 20.5 7c-2.4 3.6-5.6 5.5-9.5 5.5S3.9 10.6 1.5 7z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
      />
      <circle cx="11" cy="7" r="2.75" fill="currentColor" />
    </svg>
  );
}
