// Sets theme and size before the first paint, so that nothing flashes. Kept as a file of its own:
// the page's policy runs no inline script. The page takes over as soon as it has loaded.
(() => {
  let choices = {};
  try {
    choices = JSON.parse(localStorage.getItem("wireside choices") ?? "{}") ?? {};
  } catch {
    // Storage switched off or unreadable: follow the system.
  }
  const dark = !matchMedia("(prefers-color-scheme: light)").matches;
  const chosen = choices.theme === "board" || choices.theme === "pad" ? choices.theme : null;
  const root = document.documentElement;
  root.dataset.theme = chosen ?? (dark ? "board" : "pad");
  root.dataset.size = choices.large === true ? "large" : "normal";
})();
