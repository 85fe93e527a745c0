// Redirects viewers who are logged in already from the login page to the page that they asked for.

// The browser does not send the SameSite cookie when a link in a mail or a chat is opened, but it sends the
// cookie with this page's own request. That redirects at most once in this time.
const MIN_RETRY_DELAY = 10_000;
const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const nextField = /** @type {HTMLInputElement} */ (form.elements.namedItem("next"));
const login = new URL(form.action);
// `fetch` refuses URLs with credentials, such as http://user:password@host/
login.username = login.password = "";
const storageKey = `came ${login}`;
const targetUrl = new URL(`./${nextField.value}`, login);
targetUrl.hash = location.hash;
// the page that the login redirects to keeps this fragment
form.action = new URL(location.hash, login).href;
// the page that opened this one must not navigate this tab to a copy that asks for the password
window.opener = null;

if (Date.now() - Number(sessionStorage.getItem(storageKey)) > MIN_RETRY_DELAY) {
  const { status } = await fetch(`${login}/state`, { cache: "no-store" });
  if (status === 204) {
    sessionStorage.setItem(storageKey, `${Date.now()}`);
    // navigating from a URL to the same URL with a #fragment would not load it
    history.replaceState(null, "", login);
    location.replace(targetUrl);
  }
}
