// The drawings: their parts can be chosen, by hand and by keys, and their size.
const drawings = [...document.querySelectorAll(".design")].map((section) => {
  const audit = run.audits[Number(section.dataset.audit)];
  const picture = section.querySelector(".picture");
  const svg = section.querySelector("svg.diagram");
  return { section, audit, picture, svg, design: said(audit.design), parts: new Map() };
});

// A long name is cut where it is drawn.
function wholeName(shown, audit) {
  const all = [...audit.nodes.map((row) => `node.${said(row[0])}`), ...audit.edges.map(([ends]) => `edge.${said(ends[0])}`)];
  return all.includes(shown) || !shown.endsWith("…") ? shown : all.find((name) => name.startsWith(shown.slice(0, -1))) ?? shown;
}

// What lights up with a part: an arrow's ends, a box's arrows with their other ends, the way of a packet.
function together(drawing, own) {
  const { audit, parts } = drawing;
  const lit = new Set([own]);
  for (const [ends] of audit.edges) {
    const [id, from, , to] = ends.map(said);
    const all = [`edge.${id}`, `node.${from}`, `node.${to}`];
    if (all.includes(own)) all.forEach((name) => lit.add(name));
  }
  const path = audit.paths.find((row) => `path.${said(row[0])}` === own);
  if (path === undefined) return { lit, steps: [] };
  const steps = listed(path[1]).map((id) => `node.${id}`).filter((name) => parts.has(name));
  steps.forEach((name) => lit.add(name));
  for (const [ends] of audit.edges) {
    const [id, from, , to] = ends.map(said);
    const [a, b] = [steps.indexOf(`node.${from}`), steps.indexOf(`node.${to}`)];
    if (a >= 0 && b >= 0 && Math.abs(a - b) === 1) lit.add(`edge.${id}`);
  }
  return { lit, steps };
}

const shape = (name, attributes) => {
  const it = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
  return it;
};

function light(drawing, own) {
  const { svg, parts } = drawing;
  if (!svg) return;
  svg.querySelectorAll(".step").forEach((it) => it.remove());
  const { lit, steps } = own === null ? { lit: new Set(), steps: [] } : together(drawing, own);
  const any = [...lit].some((name) => parts.has(name));
  svg.classList.toggle("picked", any);
  for (const [name, part] of parts) part.classList.toggle("lit", lit.has(name));
  steps.forEach((name, at) => {
    const step = shape("g", { class: "step", transform: "translate(0 0)" });
    const number = shape("text", { y: "4.5" });
    number.textContent = String(at + 1);
    step.append(shape("circle", { r: "11" }), number);
    parts.get(name).append(step);
  });
}

let chosen = null;
function choose(drawing, own) {
  for (const it of document.querySelectorAll(".chosen[data-check]")) {
    it.classList.remove("chosen");
    it.removeAttribute("aria-current");
  }
  drawings.forEach((other) => light(other, other === drawing ? own : null));
  chosen = drawing && own ? { drawing, own } : null;
  if (!chosen) return;
  const listedPart = [...drawing.section.querySelectorAll(".entry")].find((it) => it.dataset.check === own);
  for (const it of [drawing.parts.get(own), listedPart]) {
    it?.classList.add("chosen");
    it?.setAttribute("aria-current", "true");
  }
}
const relight = (drawing) => light(drawing, chosen?.drawing === drawing ? chosen.own : null);

const middle = (part) => {
  const { left, right, top, bottom } = (part.querySelector(".plate") ?? part).getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
};

// The nearest part that way, one that lies askew counting as farther.
function beside(part, key, parts) {
  const from = middle(part);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  let least = Infinity;
  for (const other of parts) {
    const to = middle(other);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const askew = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    const far = along + askew * 2.5;
    if (other !== part && along > 4 && far < least) [best, least] = [other, far];
  }
  return best;
}

// At what scale the smallest text can just be read.
const READABLE = 0.8;

function size(drawing, how) {
  const { picture, svg } = drawing;
  const { width, height } = svg.viewBox.baseVal;
  const wide = Math.min((picture.clientWidth - 8) / width, 1.35);
  const whole = Math.min(wide, (innerHeight * 0.92 - 10) / height);
  // On a narrow screen all of it would be too small to read.
  const least = narrow.matches ? 0.55 : 0;
  drawing.how = how;
  // All of it on one screen where that can be read; else as wide as there is room, and the page is scrolled.
  if (how === "fit" || how === "first") drawing.scale = whole >= READABLE ? whole : wide;
  if (how === "first") drawing.scale = Math.max(drawing.scale, least);
  if (how === "one") drawing.scale = 1;
  if (how === "in") drawing.scale = Math.min(drawing.scale * 1.25, 6);
  if (how === "out") drawing.scale = Math.max(drawing.scale / 1.25, 0.1);
  svg.style.width = `${width * drawing.scale}px`;
  svg.style.height = `${height * drawing.scale}px`;
  picture.classList.toggle("boxed", drawing.scale > wide);
  for (const button of drawing.section.querySelectorAll("[data-zoom]")) {
    if (button.dataset.zoom === "fit" || button.dataset.zoom === "one") {
      button.setAttribute("aria-pressed", String(button.dataset.zoom === how || (how === "first" && button.dataset.zoom === "fit")));
    }
  }
}

function wire(drawing) {
  const { section, svg, audit, design, parts } = drawing;
  const open = (own) => go(checkAddress(`${design}/${own}`));
  for (const it of section.querySelectorAll(".entry")) {
    it.addEventListener("pointerenter", () => light(drawing, it.dataset.check));
    it.addEventListener("pointerleave", () => relight(drawing));
  }
  if (!svg) {
    section.querySelector(".zoom").hidden = true;
    return;
  }
  for (const part of svg.querySelectorAll("[data-check]")) {
    const own = wholeName(part.dataset.check, audit);
    parts.set(own, part);
    part.setAttribute("role", "button");
    part.setAttribute("tabindex", "0");
    part.setAttribute("aria-label", `${own.startsWith("edge.") ? "Arrow" : "Box"} ${part.querySelector("title").textContent}`);
    part.addEventListener("pointerenter", () => light(drawing, own));
    part.addEventListener("pointerleave", () => relight(drawing));
    part.addEventListener("click", () => { part.focus({ preventScroll: true }); open(own); });
    part.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") open(own);
      else if (event.key.startsWith("Arrow")) beside(part, event.key, parts.values())?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  for (const button of section.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => size(drawing, button.dataset.zoom));
  }
  size(drawing, "first");
  const first = svg.querySelector(".box.fail") ?? svg.querySelector(".box.unknown");
  if (first) {
    const [inner, outer] = [first, drawing.picture].map((it) => it.getBoundingClientRect());
    drawing.picture.scrollBy(inner.left - outer.left - 20, inner.top - outer.top - 20);
  }
  const refit = () => {
    if (drawing.how === "fit" || drawing.how === "first") size(drawing, drawing.how);
  };
  new ResizeObserver(refit).observe(drawing.picture);
  addEventListener("resize", refit);
}
