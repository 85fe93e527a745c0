// Exchanges the code in the address for the author's cookie, and opens the author's page without the code.

const status = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
const address = new URL(location.href);
// `fetch` refuses URLs with credentials, such as http://user:password@host/
address.username = address.password = "";
// the page that opened this one must not navigate this tab
window.opener = null;

try {
  const response = await fetch(address, { method: "POST", cache: "no-store" });
  await response.text(); // a browser would report a request that it aborts
  // This replaces the address in the history too. If the code was used meanwhile, it is the page for viewers.
  location.replace(new URL("?author", address));
} catch {
  status.textContent = "The author’s computer does not answer. Load this page again within two minutes.";
}
