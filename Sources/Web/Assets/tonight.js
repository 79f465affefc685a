// SPDX-License-Identifier: GPL-3.0-or-later
// The page of tonight: listens to the server's events and shows them. All text goes in as text.
"use strict";
(function () {
  const byId = (id) => document.getElementById(id);
  const state = byId("state");
  if (!state || !window.EventSource) return;
  const isLive = byId("trace") !== null;
  const traces = { L: [], R: [] };
  const most = 700; // seventy seconds of tenths
  const rows = 50;
  let movements = 0, gaps = 0, isDue = false;

  const source = new EventSource("/api/tonight/events");
  const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)));
  source.onerror = () => { if (isLive) { state.textContent = "The server does not answer; the recording is not touched by that."; state.className = "state bad"; } };

  on("state", (data) => {
    const words = {
      idle: "No night is being recorded.", waiting: "Waiting for a sensor.", recording: "Recording.",
      ended: "The recording has ended.",
    };
    state.textContent = words[data.state] || data.state;
    state.className = data.state === "recording" ? "state on" : "state";
    // The other half of the page is another page.
    if (!isLive && (data.state === "recording" || data.state === "waiting") && !document.querySelector("form :focus")) location.reload();
    if (isLive && data.state === "idle") location.reload();
    if (isLive && data.state === "ended") {
      source.close();
      const box = byId("words");
      box.hidden = false;
      box.textContent = "The night is over. ";
      const link = document.createElement("a");
      link.href = "/";
      link.textContent = "To last night";
      box.append(link);
      document.querySelectorAll("button.stop").forEach((button) => { button.disabled = true; });
    }
  });
  if (!isLive) return;

  on("reset", () => {
    movements = 0; gaps = 0;
    traces.L = []; traces.R = [];
    byId("moments").replaceChildren();
    byId("gaps").textContent = "0";
  });
  on("movement", (m) => { movements += 1; add(m.at, m.leg, "movement", m.seconds.toFixed(1), String(m.mg)); });
  on("gap", (g) => { gaps += 1; byId("gaps").textContent = String(gaps); add(g.at, g.leg, "gap: " + reason(g.reason), "", ""); });
  on("note", (n) => add(n.at, "", n.text, "", ""));
  on("status", (s) => {
    byId("elapsed").textContent = s.elapsed_s === null ? "–" : span(s.elapsed_s);
    byId("movements").textContent = String(s.movements);
    byId("clock").textContent = s.clock || "–";
    byId("gaps").textContent = String(s.legs.reduce((sum, leg) => sum + leg.gaps, 0));
    byId("disk").textContent = s.disk_free_bytes === null ? "–" : (s.disk_free_bytes / 1e9).toFixed(1) + " GB";
    const body = byId("sensors");
    body.replaceChildren(...s.legs.map((leg) => {
      const isBehind = leg.behind_s === null || leg.behind_s > 5;
      return row([
        [name(leg.leg)], [String(Math.round(leg.rate_hz)), "number"], [leg.samples.toLocaleString("en"), "number"],
        [String(leg.gaps), "number"], [(isBehind ? "no data at the moment" : "data come") + (leg.words ? "; " + leg.words : "")],
      ]);
    }));
    if (s.problem) { const box = byId("words"); box.hidden = false; box.textContent = s.problem; }
  });
  on("trace", (t) => {
    const own = traces[t.leg] || traces.L;
    for (let i = 0; i < t.tenths.length; i += 1) own.push([t.tenths[i], t.low[i], t.high[i]]);
    if (own.length > most) own.splice(0, own.length - most);
    if (!isDue) { isDue = true; requestAnimationFrame(draw); }
  });

  function name(leg) { return leg === "R" ? "right" : leg === "L" ? "left" : leg || ""; }
  function reason(word) {
    return { lost: "samples lost", damaged: "damaged", clockJump: "the clock jumped", restart: "the sensor or the recorder began anew",
      pause: "pause", timeHole: "nothing came", notANumber: "no numbers", overrun: "came too fast" }[word] || word;
  }
  function span(seconds) {
    const s = Math.floor(seconds), two = (n) => String(n).padStart(2, "0");
    return Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
  }
  function row(cells) {
    const tr = document.createElement("tr");
    for (const [text, kind] of cells) {
      const td = document.createElement("td");
      td.textContent = text;
      if (kind) td.className = kind;
      tr.append(td);
    }
    return tr;
  }
  function add(at, leg, what, seconds, mg) {
    const body = byId("moments"), none = byId("none");
    if (none) none.remove();
    body.prepend(row([[at, "nowrap"], [name(leg)], [what], [seconds, "number"], [mg, "number"]]));
    while (body.rows.length > rows) body.deleteRow(-1);
  }

  function draw() {
    isDue = false;
    const canvas = byId("trace"), pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    const scale = window.devicePixelRatio || 1, width = Math.max(1, Math.round(canvas.clientWidth * scale)), height = Math.round(220 * scale);
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    pen.clearRect(0, 0, width, height);
    const shown = ["L", "R"].filter((leg) => traces[leg].length > 0);
    const end = Math.max(...shown.map((leg) => traces[leg][traces[leg].length - 1][0]));
    const begin = end - 600, lane = height / Math.max(1, shown.length);
    pen.strokeStyle = style.getPropertyValue("--line");
    pen.lineWidth = 1;
    for (let second = 0; second <= 60; second += 10) {
      const x = Math.round(width * second / 60) + 0.5;
      pen.beginPath(); pen.moveTo(x, 0); pen.lineTo(x, height); pen.stroke();
    }
    shown.forEach((leg, index) => {
      const own = traces[leg].filter((slice) => slice[0] >= begin);
      if (own.length === 0) return;
      let low = Infinity, high = -Infinity;
      for (const slice of own) { low = Math.min(low, slice[1]); high = Math.max(high, slice[2]); }
      // Never finer than a tenth of g: noise is to look like noise.
      const middle = (low + high) / 2, half = Math.max(50, (high - low) / 2) * 1.1;
      const y = (value) => lane * index + lane * (0.5 - (value - middle) / half / 2);
      pen.fillStyle = style.getPropertyValue(leg === "R" ? "--right" : "--left");
      const step = width / 600;
      for (const slice of own) {
        const top = y(slice[2]), bottom = y(slice[1]);
        pen.fillRect((slice[0] - begin) * step - step, top, Math.max(step, 1), Math.max(bottom - top, scale));
      }
    });
  }
  addEventListener("resize", () => { if (!isDue) { isDue = true; requestAnimationFrame(draw); } });
})();
