"use strict";
(async () => {
  const packed = document.getElementById("data").textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = await new Response(unpacked).json();
  plots(data.plots);
  answers(data.answers);
  pairs(data.pairs);
  document.documentElement.dataset.ready = "";
})();
