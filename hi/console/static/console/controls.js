// Controls: what somebody holds or types is left alone, sliders send as they move, and what asks first asks.
"use strict";
(() => {
  const TOUCHED_MS = 700;
  const KEYED_MS = 500;
  const SLIDE_MS = 300;
  const FIELDS = ".control input:not([type=hidden], [type=range]), .control select";
  const begun = new WeakMap();
  const sent = new WeakMap();
  let isDown = false;
  let moved = { slider: null, at: 0 };
  let keyed = { key: "", at: -KEYED_MS };

  // Not randomUUID: browsers have that only behind https.
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const isDirty = (field) => (field.tagName === "SELECT"
    ? ![...field.options].every((option) => option.selected === option.defaultSelected)
    : field.value !== field.defaultValue || field.validity.badInput);
  const showDirty = () => {
    for (const field of document.querySelectorAll(FIELDS)) field.form?.toggleAttribute("data-dirty", isDirty(field));
  };

  const isPoll = (detail) => Boolean(detail.requestConfig?.elt.hasAttribute("data-poll"));
  // A slider moves on while an earlier value is on its way: that answer would push it back.
  const isMoving = (detail, since) => moved.slider && detail.target.contains(moved.slider)
    && (isDown || moved.at > since || (isPoll(detail) && performance.now() - moved.at < TOUCHED_MS));
  // A wish on its way, or the next one that waits for it, would be lost with its form.
  const isSending = (target) => Boolean(target.querySelector(".control form.htmx-request"));
  const isOpen = (target) => {
    const field = document.activeElement;
    return field?.tagName === "SELECT" && target.contains(field) && field.matches(":open");
  };
  const typedIn = (target) => [...target.querySelectorAll(FIELDS)].filter(isDirty);
  const supportsOpen = CSS.supports("selector(:open)");

  document.addEventListener("pointerdown", () => { isDown = true; }, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => { isDown = false; }, true);

  document.addEventListener("keydown", (event) => {
    keyed = { key: event.key, at: performance.now() };
    const field = event.target;
    if (event.key === "Escape" && field.matches?.("input") && field.closest(".control")) {
      field.value = field.defaultValue;
      showDirty();
    }
    const search = document.getElementById("q");
    if (event.key === "/" && search && !event.ctrlKey && !event.metaKey && !event.altKey && !field.closest?.("input, select, textarea, dialog")) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  document.addEventListener("click", (event) => {
    const clear = event.target.closest?.("#search-clear");
    if (!clear) return;
    event.preventDefault();
    const search = document.getElementById("q");
    search.value = "";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    search.focus();
  });

  // Now and then while it moves, and where it comes to rest. Not htmx's throttle: that would swallow the last value.
  const sendSlider = (slider) => {
    if (sent.get(slider)?.value === slider.value) return;
    sent.set(slider, { value: slider.value, at: performance.now() });
    slider.form.elements.key.value = newKey();
    htmx.trigger(slider.form, "slide");
  };
  document.addEventListener("input", (event) => {
    const element = event.target;
    if (element.dataset?.slider) {
      moved = { slider: element, at: performance.now() };
      document.getElementById(element.dataset.slider).value = element.value;
      if (!("asks" in element.dataset) && performance.now() - (sent.get(element)?.at ?? -SLIDE_MS) >= SLIDE_MS) sendSlider(element);
    } else if (element.matches?.(FIELDS)) {
      showDirty();
    }
  });
  document.addEventListener("change", (event) => {
    const element = event.target;
    if (element.dataset?.slider) sendSlider(element);
    // Arrows walk through the choices: only a choice made is sent, by a pointer or by Enter.
    const walked = performance.now() - keyed.at < KEYED_MS && keyed.key !== "Enter" && keyed.key !== " ";
    if ("pick" in (element.dataset ?? {}) && !walked) element.form.requestSubmit();
  });

  const said = document.createElement("p");
  said.className = "sr";
  said.setAttribute("role", "status");
  const say = () => {
    const words = [...document.querySelectorAll("[data-say]")].map((element) => element.dataset.say).join(". ");
    if (said.textContent !== words) said.textContent = words;
  };

  // No answer: whoever pressed is told so where they pressed, until the control is drawn anew.
  const tellUnanswered = (event) => {
    const form = event.target.closest?.(".control-compact, .control form");
    if (!form) return;
    const words = document.getElementById("offline").dataset.unanswered;
    const place = form.parentElement;
    const told = place.querySelector(".control-trouble, .tile-context") ?? place.appendChild(document.createElement("p"));
    told.className = "control-trouble";
    told.dataset.say = words;
    told.textContent = words;
    say();
  };

  // Where somebody was who is asked something; it may have been drawn anew meanwhile.
  let wished = "";
  const noteWish = ({ detail }) => {
    const control = detail.elt.closest?.(".control");
    if (control) wished = control.querySelector("select, input:not([type=hidden])")?.id ?? "";
  };
  const openDialogs = () => {
    for (const dialog of document.querySelectorAll("dialog[data-modal]:not([open])")) {
      const before = document.activeElement?.id || wished;
      dialog.showModal();
      dialog.addEventListener("close", () => {
        dialog.remove();
        const asked = document.getElementById(before);
        // What was chosen and not confirmed is not shown as if it were so.
        asked?.form?.reset();
        showDirty();
        asked?.focus();
      });
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const body = document.body;
    body.append(said);
    openDialogs();
    for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) body.addEventListener(name, tellUnanswered);
    body.addEventListener("htmx:beforeSend", (event) => begun.set(event.detail.xhr, performance.now()));
    body.addEventListener("htmx:beforeSend", noteWish);
    body.addEventListener("htmx:beforeSwap", (event) => {
      const { detail } = event;
      const since = begun.get(detail.xhr) ?? 0;
      const isHeld = isDown || isSending(detail.target) || (supportsOpen && isOpen(detail.target));
      if ((isPoll(detail) && isHeld) || isMoving(detail, since)) {
        detail.shouldSwap = false;
        return;
      }
      // htmx binds what came when it has settled; a slider moves on within these milliseconds, unheard.
      if (detail.target.querySelector("[data-slider]")) detail.swapOverride = "outerHTML settle:0ms";
      const typed = typedIn(detail.target).filter((field) => field.form !== detail.requestConfig?.elt);
      if (!typed.length) return;
      const coming = new DOMParser().parseFromString(detail.serverResponse, "text/html");
      for (const field of typed) {
        detail.serverResponse = detail.serverResponse.replace(` id="${field.id}"`, ` id="${field.id}" hx-preserve`);
        // What it goes back to when somebody gives up typing.
        const fresh = coming.getElementById(field.id);
        if (fresh && "defaultValue" in fresh) field.defaultValue = fresh.defaultValue;
      }
    });
    // A wish has come to its end: the value beside it is looked at now, and not at its next turn.
    body.addEventListener("settled", () => {
      for (const part of document.querySelectorAll(".live[hx-get]")) {
        htmx.ajax("GET", part.getAttribute("hx-get"), { source: part, target: part, swap: "outerHTML" });
      }
    });
    body.addEventListener("htmx:oobBeforeSwap", (event) => { if (isDown) event.detail.shouldSwap = false; });
    body.addEventListener("htmx:afterSettle", () => { showDirty(); say(); openDialogs(); });
    body.addEventListener("htmx:afterRequest", (event) => {
      const dialog = event.detail.elt.closest?.("dialog");
      if (dialog?.open && event.detail.successful && event.detail.target !== dialog) dialog.close();
    });
  });
})();
