// What is wrong with a page as it is laid out, as lines of text. Nothing of it is fetched: the pages lie beside this one.
function check(name, frame, found) {
  const page = frame.contentDocument, win = frame.contentWindow, root = page.documentElement;
  const say = what => found.wrong.push(name + ": " + what);
  const short = node => "<" + node.tagName + " " + (node.getAttribute("class") || "") + "> " + (node.textContent || "").trim().slice(0, 40);
  const width = root.clientWidth;
  if (root.scrollWidth > width) say("the page scrolls sideways, " + root.scrollWidth + " of " + width);
  for (const node of page.body.querySelectorAll("*")) {
    found.elements += 1;
    if (node.closest(".scroll") !== null && !node.matches(".scroll")) continue;
    if (node.matches(".skip")) continue;
    const at = node.getBoundingClientRect();
    if (at.width > 0 && (at.right > width + 0.5 || at.left < -0.5)) say("wider than the screen: " + short(node));
  }
  // Reports are read; where something is typed, forms and a style sheet of our own belong there too.
  const foreign = found.forms ? "script, img, iframe, object, embed, base, link:not([rel=stylesheet])" : "script, img, iframe, object, embed, link, form, input, base";
  for (const node of page.querySelectorAll(foreign)) say("does not belong here: " + short(node));
  for (const node of page.querySelectorAll("select, textarea, input:not([type=hidden])")) if (node.labels.length !== 1) say("a field without a label: " + short(node));
  for (const node of page.querySelectorAll("*")) {
    for (const attribute of node.attributes) {
      if (/^on/i.test(attribute.name)) say("an event handler: " + short(node));
      if (/^\s*javascript:/i.test(attribute.value)) say("a link that runs: " + short(node));
    }
  }
  if (page.querySelectorAll("main").length !== 1) say("not one main");
  for (const landmark of ["header", "footer"]) if (page.querySelector("body > " + landmark) === null) say("no " + landmark);
  let before = 0;
  for (const heading of page.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) say("h" + level + " after h" + before + ": " + short(heading));
    before = level;
  }
  if (page.querySelectorAll("h1").length !== 1) say("not one h1");
  for (const image of page.querySelectorAll("svg, [role=img]")) if (!image.getAttribute("aria-label")) say("a picture without words: " + short(image));
  for (const node of page.querySelectorAll("[aria-labelledby]")) if (page.getElementById(node.getAttribute("aria-labelledby")) === null) say("its label is not there: " + short(node));
  const ids = [...page.querySelectorAll("[id]")].map(node => node.id);
  if (new Set(ids).size !== ids.length) say("an id stands twice");
  for (const link of page.querySelectorAll('a[href^="#"]')) if (page.getElementById(link.getAttribute("href").slice(1)) === null) say("leads nowhere: " + short(link));
  // Everything can be read.
  page.querySelectorAll("details").forEach(node => { node.open = true; });
  for (const node of page.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim() !== "");
    if (!own || node.closest("title, style") !== null || node.matches(".skip")) continue;
    const ratio = contrast(win, node);
    found.texts += 1;
    if (ratio < 4.5) say("contrast of " + ratio.toFixed(2) + ": " + short(node));
  }
  // The keyboard reaches whatever can be opened, followed or scrolled.
  for (const node of page.querySelectorAll("a[href], summary, .scroll, button, select, textarea")) {
    node.focus();
    if (page.activeElement !== node) say("the keyboard does not reach " + short(node));
    else if (!node.matches(".skip") && node.matches(":focus-visible") && win.getComputedStyle(node).outlineStyle === "none") say("nobody sees that the keyboard is on " + short(node));
  }
  page.querySelectorAll("details").forEach(node => { node.open = false; });
  frame.contentWindow.scrollTo(0, 0);
  page.activeElement.blur();
  if (width <= 600) {
    const lefts = new Set([...page.querySelectorAll("body > header, main > section, main > details")].map(node => Math.round(node.getBoundingClientRect().left)));
    if (lefts.size > 1) say("more than one column");
    for (const list of page.querySelectorAll("dl")) if (win.getComputedStyle(list).display === "grid") say("a list of two columns");
  }
}

function parse(colour) {
  const numbers = colour.match(/[\d.]+/g).map(Number);
  return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
}

function luminance(rgb) {
  const [r, g, b] = rgb.map(value => value / 255).map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(win, node) {
  const drawn = node.closest("svg");
  const ink = parse(win.getComputedStyle(node)[drawn ? "fill" : "color"]);
  let paper = null;
  if (drawn) {
    const shape = node.closest("g") && [...node.closest("g").children].find(child => child.matches(".shape:not(.rim)"));
    paper = parse(win.getComputedStyle(shape || drawn.querySelector(".paper")).fill);
  } else {
    for (let at = node; at !== null; at = at.parentElement) {
      const back = parse(win.getComputedStyle(at).backgroundColor);
      if (back.alpha === 1) { paper = back; break; }
    }
  }
  if (paper === null) return 0;
  const [light, dark] = [luminance(ink.rgb), luminance(paper.rgb)].sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

