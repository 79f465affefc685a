// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of one night: tiles of least and largest values, drawn on a canvas from eight hours down to single samples.
"use strict";

// What of the picture needs no page: times, tiles, and which movement is meant.
const Night = {
  MIN_SPAN: 400, COLUMNS: 512, ABSENT: -32768,
  KINDS: ["PLM", "CLM", "LM", "posture", "gait", "rhythmic", "artefact"],

  // The view after zooming by a factor about a time, within the night.
  zoomed(view, factor, about, duration) {
    const span = Math.min(duration, Math.max(Night.MIN_SPAN, (view.to - view.from) * factor));
    const from = about - (about - view.from) * (span / (view.to - view.from));
    return Night.within({ from, to: from + span }, duration);
  },
  within(view, duration) {
    const span = Math.min(duration, view.to - view.from);
    const from = Math.min(Math.max(0, view.from), duration - span);
    return { from, to: from + span };
  },
  // Tiles are 2^n ms long, so that moving and zooming meet the same ones again.
  level(span, pixels) { return Math.round(Math.log2(span / pixels * Night.COLUMNS)); },
  tiles(view, level) {
    const length = 2 ** level, tiles = [];
    for (let index = Math.floor(view.from / length); index * length < view.to; index++) tiles.push(index);
    return tiles;
  },
  // The bytes of a tile; its layout is in NightTrace.swift.
  decode(buffer) {
    const data = new DataView(buffer);
    if (data.byteLength < 24 || data.getUint32(0, true) !== 0x3154544e) throw new Error("no tile");
    const tile = { samples: data.getUint8(4) === 1, step: data.getFloat64(8, true), runs: [] };
    const count = data.getUint32(16, true), runs = data.getUint32(20, true), each = tile.samples ? 3 : 6;
    const start = 24 + 24 * runs;
    if (data.byteLength !== start + count * each * 2) throw new Error("a tile cut short");
    let first = 0;
    for (let run = 0; run < runs; run++) {
      const at = 24 + 24 * run, own = data.getUint32(at + 16, true);
      tile.runs.push({ start: data.getFloat64(at, true), period: data.getFloat64(at + 8, true), count: own, first,
        joined: data.getUint32(at + 20, true) === 1 });
      first += own;
    }
    tile.values = new Int16Array(buffer, start, count * each);
    return tile;
  },
  // Rows with names, each movement of one leg that a movement of both covers marked so.
  movements(answer) {
    const rows = answer.movements.map((row) => Object.fromEntries(answer.columns.map((name, index) => [name, row[index]])));
    const both = rows.filter((row) => row.leg === "B");
    let place = 0;
    for (const row of rows) {
      row.end = row.onset_ms + row.duration_ms;
      if (row.leg === "B") continue;
      while (place < both.length && both[place].onset_ms + both[place].duration_ms < row.onset_ms) place++;
      row.whole = both.slice(place, place + 3).find((one) =>
        one.onset_ms <= row.onset_ms && one.onset_ms + one.duration_ms >= row.end) || null;
    }
    return rows;
  },
  series(rows) {
    const series = new Map();
    for (const row of rows) {
      if (row.series === null) continue;
      const own = series.get(row.series) || { number: row.series, from: row.onset_ms, to: row.end, count: 0 };
      own.to = Math.max(own.to, row.end);
      own.count++;
      series.set(row.series, own);
    }
    return [...series.values()];
  },
  // The first place of a list from which on `isBehind` holds.
  partition(list, isBehind) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBehind(list[middle])) high = middle; else low = middle + 1;
    }
    return low;
  },
  next(rows, time, forward) {
    const place = Night.partition(rows, (row) => forward ? row.onset_ms > time + 0.5 : row.onset_ms >= time - 0.5);
    return rows[forward ? place : place - 1] || null;
  },
  clock(time, withSeconds = true, digits = 0) {
    const moment = new Date(Math.floor(time * 1000) / 1000).toISOString();
    return moment.slice(11, withSeconds ? 19 + (digits ? digits + 1 : 0) : 16);
  },
  // A step of 1, 2 or 5 times a power of ten, at least so large.
  roundStep(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10].map((one) => one * power).find((step) => step >= least * 0.999);
  },
  tick(span, width) {
    const steps = [50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5];
    return steps.find((step) => step >= span / Math.max(2, width / 90)) || 144e5;
  },
};

// Tiles that were fetched: at most `most`, the ones used longest ago go first; what no view needs any more is cancelled.
class Tiles {
  constructor(address, changed, most = 160) {
    Object.assign(this, { address, changed, most, kept: new Map(), asked: new Map(), bytes: 0 });
  }
  key(leg, level, index) { return `${leg} ${level} ${index}`; }
  get(leg, level, index) {
    const key = this.key(leg, level, index), tile = this.kept.get(key);
    if (tile) { this.kept.delete(key); this.kept.set(key, tile); }
    return tile;
  }
  want(list) {
    const keys = new Set(list.map(([leg, level, index]) => this.key(leg, level, index)));
    for (const [key, request] of this.asked) if (!keys.has(key)) { request.abort(); this.asked.delete(key); }
    for (const [leg, level, index] of list) this.fetch(leg, level, index);
  }
  async fetch(leg, level, index) {
    const key = this.key(leg, level, index), length = 2 ** level;
    if (this.kept.has(key) || this.asked.has(key)) return;
    const request = new AbortController();
    this.asked.set(key, request);
    try {
      const answer = await fetch(
        `${this.address}?leg=${leg}&from=${index * length}&to=${(index + 1) * length}&px=${Night.COLUMNS}`, { signal: request.signal });
      if (!answer.ok) throw new Error(await answer.text());
      const buffer = await answer.arrayBuffer();
      this.bytes += buffer.byteLength;
      this.kept.set(key, Night.decode(buffer));
      while (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value);
      this.changed(null);
    } catch (error) {
      if (error.name !== "AbortError") this.changed(error);
    } finally {
      if (this.asked.get(key) === request) this.asked.delete(key);
    }
  }
}

class Viewer {
  constructor(root, night) {
    this.root = root;
    this.name = root.dataset.night;
    this.night = night;
    this.duration = Math.max(Night.MIN_SPAN, night.duration_ms);
    this.legs = night.legs;
    this.rows = night.result ? Night.movements(night) : [];
    this.singles = this.rows.filter((row) => row.leg !== "B");
    this.stops = this.rows.filter((row) => !row.whole);
    this.longest = this.rows.reduce((most, row) => Math.max(most, row.duration_ms), 0);
    this.series = Night.series(this.rows);
    this.sleep = [];
    this.view = { from: 0, to: this.duration };
    this.selected = null;
    this.trace = document.getElementById("viewer-trace");
    this.overview = document.getElementById("viewer-overview");
    this.trace.classList.toggle("one-leg", this.legs.length === 1);
    this.tiles = new Tiles(`/api/nights/${this.name}/trace`, (error) => {
      if (error) this.say(`The trace cannot be read: ${error.message}`);
      this.strip = null;
      this.request();
    });
    this.colours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.colours(); this.request(); });
    new ResizeObserver(() => { this.strip = null; this.request(); }).observe(this.trace);
    this.listen();
    this.request();
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["ink", "quiet", "card", "line", "link", "grid", "hatch", "off", "sleep", "rest-off", "mark", "axis-x", "axis-y", "axis-z"];
    this.colour = Object.fromEntries(names.concat(Night.KINDS.map((kind) => kind.toLowerCase()))
      .map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.hatches = { gap: this.hatching(this.colour.hatch, 1), nonwear: this.hatching(this.colour.off, -1) };
    this.strip = null;
    this.legend();
  }

  hatching(colour, direction) {
    const canvas = new OffscreenCanvas(8, 8), pen = canvas.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, direction > 0 ? 8 : 0);
      pen.lineTo(shift + 8, direction > 0 ? 0 : 8);
    }
    pen.stroke();
    return pen.createPattern(canvas, "repeat");
  }

  say(text) { document.getElementById("viewer-state").textContent = text; }
  at(time) { return this.night.start_unix * 1000 + time; }

  // One drawing at most for each frame of the screen.
  request() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const start = performance.now();
      this.draw();
      this.trace.dataset.redraw = (performance.now() - start).toFixed(2);
    });
  }

  pen(canvas) {
    const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    return { pen, width, height };
  }

  x(time) { return (time - this.view.from) / (this.view.to - this.view.from) * this.width; }
  time(x) { return this.view.from + x / this.width * (this.view.to - this.view.from); }

  draw() {
    const { pen, width, height } = this.pen(this.trace);
    this.width = width;
    if (width < 2 || !this.legs.length) return;
    const view = this.view, span = view.to - view.from;
    const level = Night.level(span, width * (devicePixelRatio || 1));
    const whole = Night.level(this.duration, Night.COLUMNS * 2);
    const wanted = this.legs.flatMap((leg) => Night.tiles(view, level).map((index) => [leg, level, index]));
    const all = this.legs.flatMap((leg) => Night.tiles({ from: 0, to: this.duration }, whole).map((index) => [leg, whole, index]));
    this.tiles.want(wanted.concat(all));
    this.ruler(pen, width, height, span);
    const top = 20, bottom = 34, lane = (height - top - bottom) / this.legs.length;
    const pieces = this.legs.map((leg) => this.pieces(leg, view, level, whole));
    this.fit(pieces, lane);
    this.lanes = this.legs.map((leg, number) => {
      const box = { leg, top: top + number * lane, height: lane };
      this.ground(pen, box, leg, width);
      this.lines(pen, box, pieces[number], width);
      this.marks(pen, box, leg, width);
      this.scale(pen, box, width);
      return box;
    });
    this.below(pen, width, height, bottom);
    this.drawOverview(whole);
    document.getElementById("viewer-time").textContent =
      `${Night.clock(this.at(view.from))} – ${Night.clock(this.at(view.to), true, span < 1e4 ? 1 : 0)}`;
    const busy = this.tiles.asked.size > 0;
    Object.assign(this.trace.dataset, { from: view.from, to: view.to, busy, kept: this.tiles.kept.size, bytes: this.tiles.bytes });
    if (!busy && !this.isReady) {
      this.isReady = true;
      this.trace.dataset.ready = Math.round(performance.now());
      this.say(this.greeting());
      // Sleep is estimated from the recording itself, which keeps the server busy: after what is looked at.
      if (this.night.result) this.readSleep();
    }
  }

  async readSleep() {
    const answer = await fetch(`/api/nights/${this.name}/sleep`).catch(() => null);
    if (answer?.ok) this.sleep = (await answer.json()).runs_ms || [];
    this.request();
  }

  greeting() {
    if (!this.night.result) return `This night has no result yet: ${this.night.next_step}`;
    const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
    return `${plural(this.stops.length, "movement")}, ${plural(this.series.length, "series").replace("seriess", "series")}. `
      + "Choose one to see why it counts.";
  }

  // The tiles of a view, or what coarser ones show of it until they are there.
  pieces(leg, view, level, whole) {
    return Night.tiles(view, level).flatMap((index) => {
      const length = 2 ** level, clip = [index * length, (index + 1) * length];
      for (let up = 0; level + up <= whole; up++) {
        const tile = this.tiles.get(leg, level + up, Math.floor(index / 2 ** up));
        if (tile) return [{ tile, clip }];
      }
      return [];
    });
  }

  // One scale for all axes in view, so that they can be compared; each axis about the middle of what it shows. One column
  // in two hundred may reach beyond its strip: a single jerk would make all else flat.
  fit(pieces, lane) {
    this.middles = pieces.map((list) => [0, 1, 2].map((axis) => {
      const lows = [], highs = [];
      for (const { tile, clip } of list) {
        const each = tile.samples ? 3 : 6;
        for (const run of tile.runs) {
          const [first, last] = this.places(run, clip);
          for (let place = first; place <= last; place++) {
            const at = (run.first + place) * each + axis, top = tile.values[at + each - 3];
            if (!tile.samples && top === Night.ABSENT) continue;
            lows.push(tile.values[at] * tile.step);
            highs.push(top * tile.step);
          }
        }
      }
      if (!lows.length) return { middle: 0, half: 0 };
      const low = Float32Array.from(lows).sort()[Math.floor(lows.length / 200)];
      const high = Float32Array.from(highs).sort()[highs.length - 1 - Math.floor(highs.length / 200)];
      return { middle: (low + high) / 2, half: (high - low) / 2 };
    }));
    const half = Math.max(20, ...this.middles.flat().map((one) => one.half));
    this.room = (lane - 22) / 3;
    this.pixels = this.room / 2 * 0.94 / Night.roundStep(half);
  }

  // The first and the last column or sample of a run that is in view and within a stretch of time.
  places(run, [from, to]) {
    return [Math.max(0, Math.floor((Math.max(from, this.view.from) - run.start) / run.period) - 1),
      Math.min(run.count - 1, Math.ceil((Math.min(to, this.view.to) - run.start) / run.period) + 1)];
  }

  ruler(pen, width, height, span) {
    const step = Night.tick(span, width), offset = (this.night.start_unix * 1000) % 864e5;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let time = Math.ceil((this.view.from + offset) / step) * step - offset; time < this.view.to; time += step) {
      const x = Math.round(this.x(time)) + 0.5;
      pen.fillStyle = this.colour.grid;
      pen.fillRect(x - 0.5, 18, 1, height - 18);
      pen.fillStyle = this.colour.quiet;
      const words = Night.clock(this.at(time), step < 6e4, step < 1e3 ? (step < 100 ? 2 : 1) : 0);
      if (x > 24 && x < width - 24) pen.fillText(words, x, 9);
    }
  }

  rest(pen, top, height, width, x) {
    if (!this.night.rest_ms) return;
    const [from, to] = this.night.rest_ms.map(x);
    pen.fillStyle = this.colour["rest-off"];
    if (from > 0) pen.fillRect(0, top, Math.min(from, width), height);
    if (to < width) pen.fillRect(Math.max(0, to), top, width - Math.max(0, to), height);
  }

  ground(pen, box, leg, width) {
    this.rest(pen, box.top, box.height - 4, width, (time) => this.x(time));
    for (const [kind, list] of [["gap", this.night.gaps_ms], ["nonwear", this.night.nonwear_ms]]) {
      for (const [from, to] of (list && list[leg]) || []) {
        if (to < this.view.from || from > this.view.to) continue;
        const left = Math.max(0, this.x(from)), right = Math.min(width, this.x(to));
        pen.fillStyle = this.hatches[kind];
        pen.fillRect(left, box.top + 18, Math.max(1.5, right - left), box.height - 22);
      }
    }
    if (this.selected && (this.selected.leg === leg || this.selected.leg === "B")) {
      pen.fillStyle = this.colour.mark;
      const left = this.x(this.selected.onset_ms);
      pen.fillRect(left, box.top, Math.max(2, this.x(this.selected.end) - left), box.height - 4);
    }
  }

  // A text that a line may run through.
  label(pen, words, x, y, align = "left") {
    const style = pen.fillStyle, wide = pen.measureText(words).width;
    pen.globalAlpha = 0.8;
    pen.fillStyle = this.colour.card;
    pen.fillRect(align === "left" ? x - 2 : x - wide - 2, y - 8, wide + 4, 16);
    pen.globalAlpha = 1;
    pen.fillStyle = style;
    pen.textAlign = align;
    pen.fillText(words, x, y);
  }

  // How much a height is.
  scale(pen, box, width) {
    const size = Night.roundStep(this.room / 4 / this.pixels), label = size >= 1000 ? `${size / 1000} g` : `${size} mg`;
    const tall = size * this.pixels, base = box.top + 18 + this.room * 1.5 + tall / 2;
    pen.fillStyle = this.colour.ink;
    pen.fillRect(width - 8, base - tall, 2, tall);
    this.label(pen, label, width - 12, base - tall / 2, "right");
  }

  lines(pen, box, pieces, width) {
    const index = this.legs.indexOf(box.leg);
    ["x", "y", "z"].forEach((name, axis) => {
      pen.save();
      pen.beginPath();
      pen.rect(0, box.top + 18 + this.room * axis, width, this.room);
      pen.clip();
      const zero = box.top + 18 + this.room * (axis + 0.5), { middle } = this.middles[index][axis];
      const y = (value, step) => zero - (value * step - middle) * this.pixels;
      pen.fillStyle = pen.strokeStyle = this.colour[`axis-${name}`];
      pen.lineWidth = 1;
      for (const { tile, clip } of pieces) {
        for (const run of tile.runs) {
          if (tile.samples) this.single(pen, tile, run, axis, y, clip); else this.band(pen, tile, run, axis, y, clip);
        }
      }
      this.label(pen, axis ? name : `${box.leg === "L" ? "left" : "right"} leg, ${name}`, 6, zero - this.room / 2 + 9);
      pen.restore();
    });
  }

  // Least and largest values: a filled band, broken where a column has no samples.
  band(pen, tile, run, axis, y, clip) {
    const [first, last] = this.places(run, clip);
    const values = tile.values, step = tile.step, wide = this.x(run.period) - this.x(0);
    for (let place = first; place <= last;) {
      if (values[place * 6 + 3 + axis] === Night.ABSENT) { place++; continue; }
      let end = place;
      while (end <= last && values[end * 6 + 3 + axis] !== Night.ABSENT) end++;
      const left = this.x(run.start + place * run.period);
      pen.beginPath();
      for (let one = place; one < end; one++) pen.lineTo(left + (one - place + 0.5) * wide, y(values[one * 6 + 3 + axis], step) - 0.5);
      for (let one = end - 1; one >= place; one--) pen.lineTo(left + (one - place + 0.5) * wide, y(values[one * 6 + axis], step) + 0.5);
      if (end - place === 1) pen.rect(left, y(values[place * 6 + 3 + axis], step), wide, 1);
      pen.fill();
      place = end;
    }
  }

  single(pen, tile, run, axis, y, clip) {
    const wide = this.x(run.period) - this.x(0), left = this.x(run.start);
    const [first, last] = this.places(run, clip);
    pen.beginPath();
    // Runs that follow each other are one line: the sample before begins it.
    if (run.joined && run.first > 0 && first === 0) {
      const before = tile.runs[tile.runs.indexOf(run) - 1];
      pen.moveTo(this.x(before.start + (before.count - 1) * before.period), y(tile.values[(run.first - 1) * 3 + axis], tile.step));
    }
    for (let place = first; place <= last; place++) pen.lineTo(left + place * wide, y(tile.values[(run.first + place) * 3 + axis], tile.step));
    pen.stroke();
    if (wide < 5) return;
    for (let place = first; place <= last; place++) pen.fillRect(left + place * wide - 1.5, y(tile.values[(run.first + place) * 3 + axis], tile.step) - 1.5, 3, 3);
  }

  visible(rows) {
    const from = Night.partition(rows, (row) => row.onset_ms >= this.view.from - this.longest);
    const to = Night.partition(rows, (row) => row.onset_ms > this.view.to);
    return rows.slice(from, to);
  }

  marks(pen, box, leg, width) {
    for (const row of this.visible(this.singles)) {
      if (row.leg !== leg || row.end < this.view.from) continue;
      const left = this.x(row.onset_ms), wide = Math.max(2, this.x(row.end) - left);
      pen.fillStyle = this.colour[row.type.toLowerCase()] || this.colour.quiet;
      pen.fillRect(Math.max(left, -2), box.top + 3, Math.min(wide, width - left + 2), 13);
    }
  }

  // Series as brackets, and sleep as a bar.
  below(pen, width, height, bottom) {
    const top = height - bottom + 2;
    pen.textAlign = "center";
    for (const own of this.series) {
      if (own.to < this.view.from || own.from > this.view.to) continue;
      const left = Math.max(-5, this.x(own.from)), right = Math.min(width + 5, this.x(own.to));
      pen.strokeStyle = pen.fillStyle = this.colour.plm;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(left, top - 3);
      pen.lineTo(left, top + 3);
      pen.lineTo(right, top + 3);
      pen.lineTo(right, top - 3);
      pen.stroke();
      const words = `series ${own.number}: ${own.count} PLM`;
      pen.fillStyle = this.colour.ink;
      if (right - left > 96) pen.fillText(words, Math.min(Math.max((left + right) / 2, 50), width - 50), top + 12);
    }
    for (const [from, to, stage] of this.sleep) {
      if (stage < 1 || to < this.view.from || from > this.view.to) continue;
      const left = Math.max(0, this.x(from));
      pen.fillStyle = this.colour.sleep;
      pen.fillRect(left, height - 10, Math.min(width, this.x(to)) - left, 7);
    }
  }

  // The whole night in a strip; drawn once, then copied.
  drawOverview(level) {
    const { pen, width, height } = this.pen(this.overview);
    if (width < 2) return;
    const x = (time) => time / this.duration * width;
    if (!this.strip || this.strip.width !== this.overview.width) this.strip = this.paintStrip(level, width, height, x);
    pen.drawImage(this.strip, 0, 0, width, height);
    const left = x(this.view.from), right = Math.max(left + 3, x(this.view.to));
    pen.strokeStyle = this.colour.link;
    pen.lineWidth = 2;
    pen.strokeRect(left + 1, 1, right - left - 2, height - 2);
  }

  paintStrip(level, width, height, x) {
    const strip = new OffscreenCanvas(this.overview.width, this.overview.height), pen = strip.getContext("2d");
    const ratio = devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.rest(pen, 0, height, width, x);
    // How far the axes reach in each column, both legs together: up to 1 g.
    pen.fillStyle = this.colour["axis-z"];
    for (const leg of this.legs) {
      for (const index of Night.tiles({ from: 0, to: this.duration }, level)) {
        const tile = this.tiles.get(leg, level, index);
        if (!tile || tile.samples) continue;
        const run = tile.runs[0], wide = Math.max(1, x(run.period));
        for (let place = 0; place < run.count; place++) {
          const at = place * 6, reach = [0, 1, 2].reduce((most, axis) =>
            tile.values[at + 3 + axis] === Night.ABSENT ? most : Math.max(most, tile.values[at + 3 + axis] - tile.values[at + axis]), 0);
          const tall = Math.min(1, Math.sqrt(reach * tile.step / 1000)) * (height - 14);
          if (tall > 0) pen.fillRect(x(run.start + place * run.period), height - tall, wide, tall);
        }
      }
      for (const [from, to] of (this.night.gaps_ms && this.night.gaps_ms[leg]) || []) {
        pen.fillStyle = this.hatches.gap;
        pen.fillRect(x(from), 12, Math.max(1, x(to) - x(from)), height - 12);
        pen.fillStyle = this.colour["axis-z"];
      }
    }
    for (const row of this.singles) {
      pen.fillStyle = this.colour[row.type.toLowerCase()] || this.colour.quiet;
      if (row.type === "PLM" || row.type === "CLM" || row.type === "LM") pen.fillRect(x(row.onset_ms), 2, 1, 9);
    }
    return strip;
  }

  legend() {
    const list = document.getElementById("viewer-legend");
    list.replaceChildren();
    const entry = (words, paint) => {
      const item = document.createElement("span"), canvas = document.createElement("canvas");
      canvas.width = 48;
      canvas.height = 26;
      paint(canvas.getContext("2d"));
      canvas.setAttribute("aria-hidden", "true");
      item.append(canvas, words);
      list.append(item);
    };
    const fill = (style) => (pen) => { pen.fillStyle = style; pen.fillRect(0, 0, 48, 26); };
    const words = { PLM: "periodic (PLM)", CLM: "candidate (CLM)", LM: "leg movement (LM)", posture: "change of posture",
      gait: "out of bed", rhythmic: "rhythmic train", artefact: "bed motion" };
    const present = Night.KINDS.filter((kind) => this.singles.some((row) => row.type === kind));
    for (const kind of present) entry(words[kind], fill(this.colour[kind.toLowerCase()]));
    entry("series", (pen) => {
      pen.strokeStyle = this.colour.plm;
      pen.lineWidth = 4;
      pen.strokeRect(4, -20, 40, 38);
    });
    entry("gap: no data", fill(this.hatches.gap));
    if (Object.values(this.night.nonwear_ms || {}).some((one) => one.length)) entry("not worn", fill(this.hatches.nonwear));
    if (this.night.rest_ms) entry("outside of rest", fill(this.colour["rest-off"]));
    entry("sleep, estimated", fill(this.colour.sleep));
    entry("x, y, z: acceleration along three axes", (pen) => ["x", "y", "z"].forEach((axis, place) => {
      pen.fillStyle = this.colour[`axis-${axis}`];
      pen.fillRect(0, place * 9, 48, 6);
    }));
  }

  // What the person does.
  show(view) {
    this.view = Night.within(view, this.duration);
    this.request();
  }
  zoom(factor, about = (this.view.from + this.view.to) / 2) { this.show(Night.zoomed(this.view, factor, about, this.duration)); }
  move(share) {
    const by = (this.view.to - this.view.from) * share;
    this.show({ from: this.view.from + by, to: this.view.to + by });
  }

  listen() {
    const canvas = this.trace;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 30 : 1;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.move((event.deltaX || event.deltaY) * lines / this.width);
      } else {
        this.zoom(Math.exp(event.deltaY * lines * 0.002), this.time(event.offsetX));
      }
    }, { passive: false });
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = { x: event.offsetX, view: this.view, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!held) return;
      const by = held.x - event.offsetX;
      held.moved ||= Math.abs(by) > 4;
      if (!held.moved) return;
      canvas.classList.add("is-moved");
      const time = by / this.width * (held.view.to - held.view.from);
      this.show({ from: held.view.from + time, to: held.view.to + time });
    });
    canvas.addEventListener("pointerup", (event) => {
      if (held && !held.moved) this.pick(event.offsetX, event.offsetY);
      held = null;
      canvas.classList.remove("is-moved");
    });
    canvas.addEventListener("pointercancel", () => { held = null; });
    const jump = (event) => {
      const middle = event.offsetX / this.overview.clientWidth * this.duration, half = (this.view.to - this.view.from) / 2;
      this.show({ from: middle - half, to: middle + half });
    };
    this.overview.addEventListener("pointerdown", (event) => { this.overview.setPointerCapture(event.pointerId); jump(event); });
    this.overview.addEventListener("pointermove", (event) => { if (event.buttons & 1) jump(event); });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const share = event.shiftKey ? 0.5 : 0.1, span = this.view.to - this.view.from;
      const act = {
        ArrowLeft: () => this.move(-share), ArrowRight: () => this.move(share),
        ArrowUp: () => this.zoom(1 / 1.5), ArrowDown: () => this.zoom(1.5), "+": () => this.zoom(1 / 1.5), "=": () => this.zoom(1 / 1.5),
        "-": () => this.zoom(1.5), Home: () => this.show({ from: 0, to: span }),
        End: () => this.show({ from: this.duration - span, to: this.duration }), 0: () => this.do("whole"),
        n: () => this.do("next"), p: () => this.do("previous"), Enter: () => this.do("explain"), Escape: () => this.select(null),
      }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    this.root.querySelector(".viewer-tools").addEventListener("click", (event) => this.do(event.target.dataset.do));
  }

  do(what) {
    if (what === "whole") this.show({ from: 0, to: this.duration });
    if (what === "in") this.zoom(0.5);
    if (what === "out") this.zoom(2);
    if (what === "explain") this.explain(this.selected ? this.inside(this.selected) : (this.view.from + this.view.to) / 2);
    if (what === "next" || what === "previous") {
      const from = this.selected ? this.selected.onset_ms : what === "next" ? this.view.from : this.view.to;
      const row = Night.next(this.stops, from, what === "next");
      if (row) this.go(row); else this.say(`There is no ${what} movement.`);
    }
  }

  // Brings a movement into view, near enough to see it.
  go(row) {
    const span = Math.min(this.view.to - this.view.from, Math.max(60e3, row.duration_ms * 4)), middle = (row.onset_ms + row.end) / 2;
    this.show({ from: middle - span / 2, to: middle + span / 2 });
    this.select(row);
  }

  pick(x, y) {
    const lane = (this.lanes || []).find((box) => y >= box.top && y < box.top + box.height), time = this.time(x);
    const reach = 5 * (this.view.to - this.view.from) / this.width;
    const near = (row) => Math.max(0, row.onset_ms - time, time - row.end);
    const row = this.visible(this.singles).filter((one) => (!lane || one.leg === lane.leg) && near(one) <= reach)
      .sort((one, other) => near(one) - near(other) || one.duration_ms - other.duration_ms)[0];
    this.select(row ? row.whole || row : null);
    if (row) this.explain(this.inside(row));
    else this.explain(time);
  }

  // A moment at which a movement surely is the one that is meant.
  inside(row) { return row.onset_ms + Math.min(row.duration_ms / 2, 250); }

  select(row) {
    this.selected = row;
    this.trace.dataset.selected = row ? row.onset_ms : "";
    if (row) this.say(this.words(row)); else this.close();
    if (this.table) this.table.mark(row);
    this.request();
  }

  words(row) {
    const leg = { L: "left leg", R: "right leg", B: "both legs" }[row.leg];
    return `${Night.clock(this.at(row.onset_ms), true, 1)}: ${row.type}, ${leg}, ${(row.duration_ms / 1000).toFixed(1)} s`
      + (row.amplitude_mg === null ? "" : `, ${row.amplitude_mg.toFixed(0)} mg`)
      + (row.series === null ? "" : `, series ${row.series}`)
      + (row.imi_ms === null ? "" : `, ${(row.imi_ms / 1000).toFixed(1)} s after the one before`);
  }

  close() {
    this.asking?.abort();
    document.getElementById("viewer-why").hidden = true;
  }

  async explain(time) {
    this.asking?.abort();
    const request = this.asking = new AbortController(), box = document.getElementById("viewer-why");
    const heading = document.createElement("h3"), list = document.createElement("ol");
    heading.textContent = "Why?";
    box.hidden = false;
    box.replaceChildren(heading, "The recording is being read …");
    try {
      const answer = await fetch(`/api/nights/${this.name}/explain?at=${Math.max(0, Math.min(time, this.night.duration_ms)).toFixed(1)}`,
        { signal: request.signal });
      if (!answer.ok) throw new Error(await answer.text());
      for (const line of (await answer.json()).lines) {
        const item = document.createElement("li");
        item.textContent = line.trim();
        item.classList.toggle("inner", line.startsWith(" "));
        list.append(item);
      }
      box.replaceChildren(heading, list);
    } catch (error) {
      if (error.name !== "AbortError") box.replaceChildren(heading, `That cannot be said: ${error.message}`);
    }
  }
}

// All movements in rows, a part of them at a time.
class MovementTable {
  constructor(viewer) {
    this.viewer = viewer;
    this.shown = 0;
    this.body = document.querySelector("#viewer-table tbody");
    this.kind = document.getElementById("viewer-kind");
    this.more = document.getElementById("viewer-more");
    for (const kind of Night.KINDS.filter((one) => viewer.stops.some((row) => row.type === one))) this.kind.append(new Option(kind, kind));
    this.kind.addEventListener("change", () => this.fill());
    this.more.addEventListener("click", () => this.extend());
    this.body.addEventListener("click", (event) => {
      const row = this.rows[event.target.closest("tr")?.dataset.place];
      if (!row || event.target.tagName !== "BUTTON") return;
      viewer.go(row);
      viewer.explain(viewer.inside(row));
      viewer.trace.scrollIntoView({ block: "nearest" });
    });
    this.fill();
  }
  fill() {
    this.rows = this.viewer.stops.filter((row) => !this.kind.value || row.type === this.kind.value);
    this.body.replaceChildren();
    this.shown = 0;
    this.extend();
  }
  extend() {
    const rows = this.rows.slice(this.shown, this.shown + 100), fraction = (value, by, digits, unit) => value === null ? "" : `${(value / by).toFixed(digits)} ${unit}`;
    for (const row of rows) {
      const line = document.createElement("tr"), button = document.createElement("button");
      line.dataset.place = this.shown++;
      button.type = "button";
      button.textContent = Night.clock(this.viewer.at(row.onset_ms), true, 1);
      const cells = [button, { L: "left", R: "right", B: "both" }[row.leg], row.type, fraction(row.duration_ms, 1000, 1, "s"),
        fraction(row.amplitude_mg, 1, 0, "mg"), row.series ?? "", fraction(row.imi_ms, 1000, 1, "s"),
        row.sleep === null ? "" : row.sleep ? "yes" : "no"];
      cells.forEach((content, place) => {
        const cell = document.createElement("td");
        cell.append(content);
        if (place === 2) cell.className = `kind kind-${row.type}`;
        if (place > 2 && place < 7) cell.className = "number";
        line.append(cell);
      });
      this.body.append(line);
    }
    document.querySelector("#viewer-table caption").textContent = `${this.shown} of ${this.rows.length} movements`;
    this.more.hidden = this.shown >= this.rows.length;
    this.mark(this.viewer.selected);
  }
  mark(row) {
    for (const line of this.body.rows) line.setAttribute("aria-selected", String(this.rows[line.dataset.place] === row));
  }
}

async function begin() {
  const root = document.getElementById("viewer");
  if (!root) return;
  const address = `/api/nights/${root.dataset.night}`, state = document.getElementById("viewer-state");
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(await answer.text());
    const viewer = new Viewer(root, await answer.json());
    viewer.table = new MovementTable(viewer);
  } catch (error) {
    state.textContent = `The night cannot be shown: ${error.message}`;
  }
}

begin();
