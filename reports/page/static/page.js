// The page works without this file: it puts times into the reader's zone, and lets htmx send forms.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const lang = root.lang === "fr" ? "fr-FR" : "en-GB";
  const forms = {
    day: { day: "numeric", month: "short", year: "numeric" },
    minute: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
    clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  };
  if (root.lang === "fr") {
    forms.day = { day: "2-digit", month: "2-digit", year: "numeric" };
    forms.minute = { ...forms.day, hour: "2-digit", minute: "2-digit" };
  }
  forms.second = { ...forms.minute, second: "2-digit" };
  const written = Object.fromEntries(
    Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(lang, { hour12: false, ...form })]),
  );
  const local = (within) => {
    for (const time of within.querySelectorAll("time[data-form]")) {
      const at = new Date(time.dateTime);
      const form = written[time.dataset.form] ?? written.minute;
      if (!Number.isNaN(at.valueOf())) time.textContent = form.format(at).replace(",", "");
    }
  };
  window.douaneTimes = local;
  local(document);
  document.addEventListener("htmx:afterSwap", (event) => local(event.target.parentNode ?? document));
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-Douane-CSRF"] = document.querySelector("meta[name=douane-csrf]").content;
  });
})();
