"use strict";
(function () {
  // Where a link leads to is opened, with all that it is folded away in.
  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    const inside = target.querySelector("details.fold");
    if (inside) inside.open = true;
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  for (const link of document.querySelectorAll("nav a")) link.addEventListener("click", () => { if (link.hash === location.hash) reveal(); });
  reveal();
  // Paper has no way to open what is folded; after it all is as it was.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const box of closed) box.open = true;
  });
  window.addEventListener("afterprint", () => { for (const box of closed) box.open = false; });
})();
