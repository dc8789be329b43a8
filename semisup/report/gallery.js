"use strict";
(function () {
  const galleries = JSON.parse(document.getElementById("gallery-data").textContent);
  const box = document.getElementById("gallery"), select = document.getElementById("system");
  const sentence = document.getElementById("gallery-sentence"), cards = Array.from(box.children);

  function tell(card, entry) {
    card.querySelector(".taken").textContent = entry.taken;
    card.querySelector(".badge").textContent = entry.badge;
    const list = card.querySelector(".shares");
    list.textContent = "";
    for (const line of entry.details) list.appendChild(document.createElement("li")).textContent = line;
  }
  function show() {
    const own = galleries[select.selectedIndex];
    sentence.textContent = own.sentence;
    for (const card of cards) {
      const player = card.querySelector("audio");
      if (player) player.pause();
      card.hidden = true;
    }
    for (const entry of own.entries) {
      const card = cards[entry.card];
      tell(card, entry);
      box.appendChild(card);
      card.hidden = false;
    }
  }

  for (const gallery of galleries) select.add(new Option(gallery.title));
  select.addEventListener("change", show);
  document.getElementById("gallery-controls").hidden = galleries.length < 2;
  // A browser that comes back to the page keeps what was chosen.
  if (select.selectedIndex > 0) show();
})();
