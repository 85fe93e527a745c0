// A link in a mail or a chat brings no cookie, as that is for our own pages only; this page's own request does.
// So who has given the password already goes on, once: if that helps, this page is not seen again.
const LATELY = 10_000;
const form = document.querySelector("form");
const key = `came ${form.action}`;
const goal = new URL(form.elements.next.value, form.action);
goal.hash = location.hash;

if (Date.now() - Number(sessionStorage.getItem(key)) > LATELY) {
  const { status } = await fetch(`${form.action}/state`, { cache: "no-store" });
  if (status === 204) {
    sessionStorage.setItem(key, Date.now());
    location.replace(goal);
  }
}
// what the answer leads to gets it from here
form.action = new URL(location.hash, form.action);
