// A link in a mail or a chat brings no cookie, as that is for our own pages only; this page's own request does.
// So who has given the password already goes on, once: if that helps, this page is not seen again.
const MIN_RETRY_DELAY = 10_000;
const form = document.querySelector("form");
const login = new URL(form.action);
// `fetch` refuses an address with a name and a password in it, as of http://user:password@host/
login.username = login.password = "";
const storageKey = `came ${login}`;
const targetUrl = new URL(`./${form.elements.next.value}`, login);
targetUrl.hash = location.hash;
// what the answer leads to gets it from here
form.action = new URL(location.hash, login);
// who opened this page could lead its tab to one that looks the same
window.opener = null;

if (Date.now() - Number(sessionStorage.getItem(storageKey)) > MIN_RETRY_DELAY) {
  const { status } = await fetch(`${login}/state`, { cache: "no-store" });
  if (status === 204) {
    sessionStorage.setItem(storageKey, Date.now());
    // to go from an address to the same with a #fragment is to stay
    history.replaceState(null, "", login);
    location.replace(targetUrl);
  }
}
