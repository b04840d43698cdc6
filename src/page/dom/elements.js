/**
 * Makes elements, and changes what has changed of them: text that is the same is not written again, so a selection in it
 * stays. Content becomes text nodes, never markup.
 */

/**
 * Makes an element.
 *
 * @param {string} name of the tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [attributes] a function is a listener
 * @param {...(Node | string)} content
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...content) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else setAttribute(node, key, value);
  }
  node.append(...content);
  return node;
}

/**
 * The element with that id. Throws if the page has none.
 *
 * @param {string} id
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`the page has no #${id}`);
  return node;
}

/** Writes a text. @param {Node} node @param {string | number} text */
export function setText(node, text) {
  const next = String(text);
  if (node.childNodes.length === 1 && node.firstChild?.nodeType === Node.TEXT_NODE) {
    if (node.firstChild.nodeValue !== next) node.firstChild.nodeValue = next;
  } else if (node.textContent !== next) node.textContent = next;
}

/** A sentence in which commands stand between backticks. @param {Element} node @param {string} sentence */
export function setWords(node, sentence) {
  const parts = sentence.split('`');
  if (node.textContent === parts.join('')) return;
  node.replaceChildren(...parts.map((part, index) => (index % 2 === 0 ? part : element('code', {}, part))));
}

/** Sets an attribute. @param {Element} node @param {string} name @param {string | boolean | null} value false and null take it away */
export function setAttribute(node, name, value) {
  if (value === false || value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const next = value === true ? '' : value;
  if (node.getAttribute(name) !== next) node.setAttribute(name, next);
}

/** Shows or hides it. @param {Element} node @param {boolean} isShown */
export function show(node, isShown) {
  setAttribute(node, 'hidden', !isShown);
}

/** Writes a sentence, in the colour of faults where it tells of one. @param {string} id @param {string} text @param {boolean} isBad */
export function say(id, text, isBad) {
  setText(byId(id), text);
  setAttribute(byId(id), 'data-tone', isBad ? 'bad' : 'none');
}
