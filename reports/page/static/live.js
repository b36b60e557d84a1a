// Rows as they come. A tab that nobody looks at keeps no stream open: a browser has six connections to a host.
"use strict";
(() => {
  const status = document.getElementById("live");
  const rows = document.getElementById("rows");
  const most = 200;
  let source = null;
  const say = (word) => {
    if (status.textContent !== status.dataset[word]) status.textContent = status.dataset[word];
    status.dataset.state = word;
  };
  const row = (message) => {
    const holder = document.createElement("template");
    holder.innerHTML = message.data; // made by the page's own templates, which escape what comes from outside
    const made = holder.content.querySelector("tr");
    const known = document.getElementById(made.id);
    if (known) {
      known.replaceWith(made);
    } else {
      made.classList.add("new");
      rows.prepend(made);
      const more = rows.querySelector(".more-rows");
      if (!more && rows.children.length > most) rows.lastElementChild.remove();
    }
    window.douaneTimes(made);
    document.getElementById("empty").hidden = true;
    document.getElementById("crossings").hidden = false;
  };
  const ask = async () => {
    const shown = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (shown?.status === 401) {
      location.reload(); // the page that says why
    } else if (!document.hidden) {
      setTimeout(() => source?.readyState === EventSource.CLOSED && open(), 5000);
    }
  };
  const open = () => {
    const newest = rows.querySelector("tr[id^=x]");
    source = new EventSource(`/live?after=${newest ? newest.id.slice(1) : 0}`);
    source.addEventListener("open", () => say("live"));
    source.addEventListener("error", () => {
      say("lost");
      if (source?.readyState === EventSource.CLOSED) ask(); // it was refused: it does not try again by itself
    });
    source.addEventListener("row", row);
    source.addEventListener("rows", (message) => {
      rows.innerHTML = message.data;
      window.htmx?.process(rows);
      window.douaneTimes(rows);
    });
    source.addEventListener("state", (message) => {
      document.getElementById("state").innerHTML = message.data;
    });
  };
  const look = () => {
    if (document.hidden && source) {
      source.close();
      source = null;
      say("paused");
    } else if (!document.hidden && !source) {
      open();
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
})();
