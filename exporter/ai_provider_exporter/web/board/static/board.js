// Keeps the page fresh: fetches it again and swaps what changed, leaving focus, scroll and selection alone.
"use strict";
(() => {
  const SECONDS = 5;
  const LIVE = ["facts", "main"];
  const lost = document.getElementById("lost");
  let seenAt = Date.now();

  const selecting = () => !document.getSelection().isCollapsed;

  // Finds in the fresh page what had the focus in the old one: by id, or as the same link.
  function sameAs(element, old, fresh) {
    if (element.id) return fresh.querySelector("#" + CSS.escape(element.id));
    const href = element.getAttribute("href");
    if (href === null) return null;
    const links = (root) => [...root.querySelectorAll("a")].filter((a) => a.getAttribute("href") === href);
    return links(fresh)[links(old).indexOf(element)] || null;
  }

  function swap(id, page) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const twin = focused && (focused === old ? fresh : sameAs(focused, old, fresh));
    const scrolled = [...old.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    old.replaceWith(fresh);
    fresh.querySelectorAll(".scroll").forEach((box, at) => { box.scrollLeft = scrolled[at] || 0; });
    if (twin) twin.focus({ preventScroll: true });
  }

  function show(page) {
    const before = document.querySelector("h1").textContent;
    const { scrollX, scrollY } = window;
    LIVE.forEach((id) => swap(id, page));
    window.scrollTo(scrollX, scrollY);
    document.title = page.title;
    const now = document.querySelector("h1").textContent;
    if (now !== before) document.getElementById("announcement").textContent = now;
  }

  function admit(why) {
    const age = Math.round((Date.now() - seenAt) / 1000);
    lost.textContent = `${why} What stands here is ${age} s old and may no longer be so.`;
    lost.hidden = false;
    document.documentElement.classList.add("lost");
  }

  async function refresh() {
    try {
      const signal = AbortSignal.timeout(10_000);
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal });
      if (!answer.ok) throw new Error(`The exporter answers with ${answer.status}.`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("main")) throw new Error("The exporter answers with another page.");
      if (!selecting()) show(page);
      seenAt = Date.now();
      lost.hidden = true;
      document.documentElement.classList.remove("lost");
    } catch (error) {
      admit(error.message.startsWith("The exporter") ? error.message : "The exporter does not answer.");
    }
  }

  async function keep() {
    if (!document.hidden) await refresh();
    setTimeout(keep, SECONDS * 1000);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  setTimeout(keep, SECONDS * 1000);
})();
