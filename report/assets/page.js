(() => {
  "use strict";
  const root = document.documentElement;
  document.getElementById("language").addEventListener("click", () => {
    const chinese = root.dataset.language === "en";
    root.dataset.language = chinese ? "zh" : "en";
    root.lang = chinese ? "zh-CN" : "en";
  });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));

  // A table that goes on beyond its box says so.
  const boxes = document.querySelectorAll(".scroll");
  const measured = new ResizeObserver(() => boxes.forEach((box) => box.classList.toggle("cut", box.scrollWidth > box.clientWidth + 1)));
  boxes.forEach((box) => [box, ...box.children].forEach((part) => measured.observe(part)));

  // An end of the water shows its own way in the pictures above it.
  document.querySelectorAll("ol.ends li").forEach((end) => {
    const ways = [...end.closest("figure").querySelectorAll(".route")].filter((way) => way.dataset.end === end.dataset.end);
    const show = (on) => [end, ...ways].forEach((part) => part.classList.toggle("on", on));
    end.addEventListener("pointerenter", () => show(true));
    end.addEventListener("focus", () => show(true));
    end.addEventListener("pointerleave", () => show(false));
    end.addEventListener("blur", () => show(false));
  });

  const all = JSON.parse(document.getElementById("steps").textContent);
  const stepAt = (steps, days) => {
    let low = 0, high = steps.edges.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (steps.edges[middle] <= days) low = middle; else high = middle - 1;
    }
    return low;
  };
  const nearestEdge = (steps, days) => {
    const step = stepAt(steps, days);
    return days - steps.edges[step] > steps.edges[step + 1] - days ? step + 1 : step;
  };

  document.querySelectorAll("figure.chart").forEach((figure) => {
    const source = figure.querySelector("script");
    const picture = figure.querySelector(".picture");
    if (!source || !picture) return;
    const data = JSON.parse(source.textContent);
    // A picture that is not over time brings an axis of its own.
    const steps = data.steps ?? all;
    if (steps.edges.length < 2) return;
    const length = steps.edges[steps.edges.length - 1];
    const cursor = document.createElement("div");
    cursor.className = "cursor";
    const reading = document.createElement("div");
    reading.className = "reading";
    picture.append(cursor, reading);

    const show = (event) => {
      const svg = [...picture.querySelectorAll("svg")].find((s) => s.getBoundingClientRect().width > 0);
      if (!svg) return;
      const box = svg.getBoundingClientRect();
      const left = Number(svg.dataset.left), right = Number(svg.dataset.right);
      const share = ((event.clientX - box.left) / box.width - left) / (right - left);
      if (share < -0.02 || share > 1.02) return hide();
      const days = Math.min(Math.max(share, 0), 1) * length;
      const step = stepAt(steps, days), edge = nearestEdge(steps, days);
      // Where anything is told at edges, all is: what holds over a step is read at its end.
      const onlyPoints = data.traces.some((t) => t.points);
      const language = root.dataset.language;
      const at = onlyPoints ? steps.edges[edge] : (steps.edges[step] + steps.edges[step + 1]) / 2;
      const x = (left + (at / length) * (right - left)) * box.width;
      cursor.style.left = x + "px";
      cursor.style.display = "block";
      reading.replaceChildren();
      const head = document.createElement("b");
      const begin = steps.labels[step], end = steps.labels[step + 1];
      const whole = !data.steps && steps.edges[step + 1] - steps.edges[step] > 1.001;
      head.textContent = onlyPoints ? steps.labels[edge] ?? "" : whole ? begin + " – " + end : begin ?? "";
      reading.append(head);
      for (const trace of [...data.traces].reverse()) {
        const value = trace.values[trace.points ? edge : onlyPoints ? Math.max(edge - 1, 0) : step];
        if (value === null || value === undefined) continue;
        const line = document.createElement("div");
        const swatch = document.createElement("i");
        swatch.style.background = trace.colour;
        const number = document.createElement("span");
        number.textContent = (trace.unit ? value.toFixed(2) : value) + " " + (trace.unit ?? data[language]);
        line.append(number, swatch, trace[language]);
        reading.append(line);
      }
      reading.style.display = "block";
      const room = reading.offsetWidth + 14;
      const place = x + room > box.width ? x - room : x + 14;
      reading.style.left = Math.min(Math.max(place, 0), Math.max(box.width - reading.offsetWidth, 0)) + "px";
    };
    const hide = () => { cursor.style.display = reading.style.display = "none"; };
    picture.addEventListener("pointermove", show);
    picture.addEventListener("pointerdown", show);
    picture.addEventListener("pointerleave", hide);
  });
})();
