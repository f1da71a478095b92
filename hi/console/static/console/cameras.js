// Cameras: pictures that are seen are asked for anew now and then; one is watched live, from when somebody wants it until
// somebody stops it, or looks elsewhere. A recording is played in the same way, until its end.
"use strict";
(() => {
  const EVERY_MS = 10000;
  const WIDTHS = [320, 640, 1280];
  // Shown where no picture can be; see hi/media/placeholder.py.
  const PLACEHOLDER_WIDTH = 16;
  const HEAD = /^--picture\r\nContent-Type: (\S+)\r\nContent-Length: (\d+)\r\n\r\n/;
  const MOST_HEAD = 200;
  const asked = new WeakMap();
  const watched = new Map();

  const widthOf = (element) => {
    const wanted = element.getBoundingClientRect().width * devicePixelRatio;
    return WIDTHS.find((width) => width >= wanted) ?? WIDTHS.at(-1);
  };
  const isSeen = (element) => {
    const { top, bottom, width } = element.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < innerHeight;
  };

  // A picture stays until the next one has come.
  const renew = () => {
    if (document.hidden) return;
    const now = performance.now();
    for (const image of document.querySelectorAll("img[data-picture]")) {
      const wasAt = asked.get(image);
      if (wasAt === undefined) asked.set(image, now);
      else if (now - wasAt >= EVERY_MS && image.complete && isSeen(image)) {
        asked.set(image, now);
        image.src = `${image.src.split("?")[0]}?width=${widthOf(image)}&t=${Date.now()}`;
      }
    }
  };

  const isRecording = (camera) => camera.matches(".recording");
  const say = (camera, words) => {
    const told = camera.querySelector(".camera-told");
    told.textContent = words ? camera.closest("[data-live-words]").dataset[`${words}Words`] : "";
  };
  const isOff = (image) => image.complete && (image.naturalWidth === 0 || image.naturalWidth === PLACEHOLDER_WIDTH);
  // What came of watching stands until somebody watches again, or a camera that was off shows a picture.
  const sayStill = (camera) => {
    if (watched.has(camera)) return;
    const off = isOff(camera.querySelector("img"));
    if (camera.dataset.outcome === "off" && !isRecording(camera) && !off) delete camera.dataset.outcome;
    if (!camera.dataset.outcome) say(camera, off && !isRecording(camera) ? "off" : "");
  };

  // The parts of a stream as they come, each whole.
  async function* readParts(reader) {
    let held = new Uint8Array(0);
    for (;;) {
      const head = HEAD.exec(new TextDecoder("latin1").decode(held.subarray(0, MOST_HEAD)));
      const end = head ? head[0].length + Number(head[2]) : Infinity;
      if (held.length >= end + 2) {
        yield { type: head[1], body: held.subarray(head[0].length, end) };
        held = held.slice(end + 2);
        continue;
      }
      const { done, value } = await reader.read();
      if (done) return;
      const more = new Uint8Array(held.length + value.length);
      more.set(held);
      more.set(value, held.length);
      held = more;
    }
  }

  // What came of it, in one word.
  const show = async (camera, signal) => {
    const canvas = camera.querySelector("canvas");
    const answer = await fetch(`${camera.dataset.live}&width=${widthOf(camera)}`, { signal });
    if (answer.status === 429) return "many";
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("multipart/")) return "off";
    for await (const { type, body } of readParts(answer.body.getReader())) {
      if (type !== "image/jpeg") return "off";
      const picture = await createImageBitmap(new Blob([body], { type }));
      if (signal.aborted || !canvas.isConnected) return "";
      if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
      canvas.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      if (canvas.hidden) {
        canvas.hidden = false;
        say(camera, "live");
      }
    }
    return "ended";
  };

  const end = (camera, outcome) => {
    watched.delete(camera);
    camera.removeAttribute("data-watched");
    camera.querySelector("canvas").hidden = true;
    asked.set(camera.querySelector("img"), -EVERY_MS);
    delete camera.dataset.outcome;
    if (!outcome) return sayStill(camera);
    camera.dataset.outcome = outcome;
    say(camera, outcome);
  };

  const watch = async (camera) => {
    const stopping = new AbortController();
    watched.set(camera, stopping);
    camera.toggleAttribute("data-watched", true);
    delete camera.dataset.outcome;
    say(camera, "loading");
    const came = await show(camera, stopping.signal).catch(() => "off");
    stopping.abort();
    if (watched.get(camera) === stopping) end(camera, came);
  };

  const stop = (camera) => {
    watched.get(camera)?.abort();
    end(camera, "");
  };

  const listOpen = () => document.querySelectorAll(".recording:is([data-watched], [data-outcome])");

  // Of recordings one is open, and large. What somebody has pressed stays where it is, whatever closes above it, where
  // all of it can be seen.
  const play = (recording) => {
    const { top } = recording.getBoundingClientRect();
    [...watched.keys(), ...listOpen()].forEach(stop);
    watch(recording);
    scrollBy({ top: recording.getBoundingClientRect().top - top, behavior: "instant" });
    recording.scrollIntoView({ block: "nearest", behavior: "instant" });
  };

  const press = ({ target }) => {
    const camera = target.closest("[data-watch]")?.closest("[data-live]");
    if (!camera) return;
    if (camera.hasAttribute("data-watched")) stop(camera);
    else if (isRecording(camera)) play(camera);
    else {
      listOpen().forEach(stop);
      watch(camera);
    }
  };

  // New ones come by themselves where that moves nothing that somebody sees; else somebody asks for them.
  const showNews = () => {
    const section = document.getElementById("thing-recordings");
    const news = document.getElementById("recordings-new");
    if (!news || isSeen(section) || listOpen().length) return;
    htmx.ajax("GET", news.getAttribute("hx-get").split("?")[0], { target: section, swap: "outerHTML" });
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const camera of document.querySelectorAll(".camera")) {
      const image = camera.querySelector("img");
      for (const name of ["load", "error"]) image.addEventListener(name, () => sayStill(camera));
      if (image.complete) sayStill(camera);
      if (widthOf(image) > image.getAttribute("width")) asked.set(image, -EVERY_MS);
    }
    document.addEventListener("click", press);
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") [...watched.keys(), ...listOpen()].forEach(stop);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) [...watched.keys()].forEach(stop);
    });
    document.body.addEventListener("htmx:afterSwap", showNews);
    setInterval(renew, 1000);
  });
})();
