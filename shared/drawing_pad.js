// The page of the drawing pad. It sends drawings to drawing_pad.py and shows what comes back; it decides nothing.

const FIELD = 28; // pixels along each side of an image of MNIST
const SIDE = 280; // pixels along each side of the pad
const PEN = 20; // pixels; a digit 150 pixels high then has as much ink in its image as those of MNIST on average

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Bytes come from Python as a DataView.
function bytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// An image of MNIST on a canvas of 28 × 28 pixels, in the colours of the palette.
function paint(canvas, greys, palette) {
  const image = new ImageData(FIELD, FIELD);
  greys.forEach((grey, i) => image.data.set(palette.subarray(4 * grey, 4 * grey + 4), 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function smallCanvas(attributes) {
  return element("canvas", { width: FIELD, height: FIELD, ...attributes });
}

// Only a probability of 1 is 100 %, as in the text that Python sends.
function percent(p) {
  return Math.min(Math.round(100 * p), p === 1 ? 100 : 99);
}

function render({ model, el }) {
  const palette = bytes(model.get("palette"));
  const samples = bytes(model.get("samples"));
  const [empty, ink] = [palette.slice(0, 3), palette.slice(-4, -1)];

  // The pad. Its pixels all have the colour of ink; how much of it there is, is their opacity.
  const pad = element("canvas", {
    class: "digits-pad-pad",
    width: SIDE,
    height: SIDE,
    role: "img",
    "aria-label": "pad, to draw a digit on with mouse, pen or finger",
  });
  const pen = pad.getContext("2d", { willReadFrequently: true });
  pad.style.background = `rgb(${empty})`;
  pen.strokeStyle = `rgb(${ink})`;
  pen.lineWidth = PEN;
  pen.lineCap = "round";
  pen.imageSmoothingEnabled = false;

  const says = element("p", { class: "digits-pad-says", role: "status", "aria-live": "polite" });
  const clear = element("button", { type: "button" }, "clear");
  const picture = smallCanvas({ role: "img", "aria-label": "what the network sees, 28 by 28 pixels" });
  const bars = Array.from({ length: 10 }, (_, k) => {
    const bar = element("div", {});
    const range = { "aria-valuemin": 0, "aria-valuemax": 100 };
    const meter = element("div", { role: "meter", "aria-label": `class ${k}`, ...range }, bar);
    const [name, value] = [k, ""].map((text) => element("span", { "aria-hidden": "true" }, text));
    return { bar, meter, value, row: element("div", {}, name, meter, value) };
  });
  const buttons = Array.from({ length: samples.length / FIELD ** 2 }, (_, i) => {
    const sample = samples.slice(i * FIELD ** 2, (i + 1) * FIELD ** 2);
    const canvas = smallCanvas({ "aria-hidden": "true" });
    paint(canvas, sample, palette);
    const button = element("button", { type: "button", "aria-label": `sample ${i}`, title: `sample ${i}` }, canvas);
    button.onclick = () => send(sample);
    return button;
  });

  // JupyterLab leaves its keys to the buttons.
  el.append(
    element(
      "div",
      { class: "digits-pad", role: "group", "aria-label": "drawing pad", "data-lm-suppress-shortcuts": "true" },
      pad,
      element(
        "div",
        { class: "digits-pad-answer" },
        says,
        element(
          "div",
          { class: "digits-pad-row" },
          element("div", { class: "digits-pad-picture" }, picture, element("span", {}, "what the network sees")),
          element("div", { class: "digits-pad-bars" }, ...bars.map(({ row }) => row)),
        ),
      ),
      element(
        "div",
        { class: "digits-pad-samples", role: "group", "aria-label": "samples" },
        clear,
        element("span", {}, "or a sample:"),
        ...buttons,
      ),
    ),
  );

  // To Python. Jupyter keeps one message under way at most; meanwhile it remembers the newest drawing alone.
  let sent = null;
  function send(drawing) {
    model.set("drawing", drawing);
    model.save_changes();
  }
  function sendPad() {
    const pixels = pen.getImageData(0, 0, SIDE, SIDE).data;
    sent = new Uint8Array(SIDE * SIDE).map((_, i) => pixels[4 * i + 3]);
    send(sent);
  }

  // The pen, which is down while `last` says where it was last.
  let last = null;
  function place(event) {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  }
  function drawTo([x, y]) {
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(x, y);
    pen.stroke();
    last = [x, y];
  }
  pad.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    pad.setPointerCapture(event.pointerId);
    says.setAttribute("aria-busy", "true"); // a screen reader waits for the end of the stroke
    const [x, y] = place(event);
    last = [x - 0.1, y]; // a dot is a very short line: one without any length need not be drawn
    drawTo([x, y]);
    sendPad();
  };
  pad.onpointermove = (event) => {
    if (last === null || !event.isPrimary) return;
    // A fast pen is at several places between two frames.
    for (const each of [...(event.getCoalescedEvents?.() ?? []), event]) drawTo(place(each));
    sendPad();
  };
  pad.onlostpointercapture = () => {
    last = null;
    says.setAttribute("aria-busy", "false");
  };
  clear.onclick = () => send(new Uint8Array(0));

  // From Python, another view of this pad, or a button: a square of any size fills the pad.
  function showDrawing() {
    const drawing = model.get("drawing");
    if (drawing === sent) return; // it is there already, and the pen may have gone on
    pen.clearRect(0, 0, SIDE, SIDE);
    const opacities = bytes(drawing);
    if (opacities.length === 0) return;
    const side = Math.sqrt(opacities.length);
    const image = new ImageData(side, side);
    opacities.forEach((opacity, i) => image.data.set([...ink, opacity], 4 * i));
    const canvas = element("canvas", { width: side, height: side });
    canvas.getContext("2d").putImageData(image, 0, 0);
    pen.drawImage(canvas, 0, 0, SIDE, SIDE);
  }
  function showPicture() {
    paint(picture, bytes(model.get("picture")), palette);
  }
  function showProbabilities() {
    const probabilities = model.get("probabilities");
    const best = probabilities.indexOf(Math.max(...probabilities));
    bars.forEach(({ bar, meter, value, row }, k) => {
      const known = k in probabilities;
      const number = known ? percent(probabilities[k]) : 0;
      const text = known ? `${number} %` : "";
      bar.style.width = known ? `${100 * probabilities[k]}%` : 0;
      meter.setAttribute("aria-valuenow", number);
      meter.setAttribute("aria-valuetext", text || "no prediction");
      value.textContent = text;
      row.classList.toggle("digits-pad-best", k === best);
    });
  }
  function showText() {
    says.textContent = model.get("text");
    says.classList.toggle("digits-pad-failed", model.get("failed"));
  }
  const shows = {
    drawing: showDrawing,
    picture: showPicture,
    probabilities: showProbabilities,
    text: showText,
    failed: showText,
  };
  for (const [name, show] of Object.entries(shows)) {
    model.on(`change:${name}`, show);
    show();
  }
}

export default { render };
