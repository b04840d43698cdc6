/** The page's icon: its form says the level too, for those who see no colours. */

const shapes = {
  well: '<circle cx="16" cy="16" r="14" fill="#138a62"/><path d="M9 16.5l5 5 9-10" fill="none" stroke="#fff" stroke-width="4"/>',
  warn: '<path d="M16 2L31 29H1z" fill="#e09a00"/><path d="M16 11v9M16 23v3" stroke="#fff" stroke-width="4"/>',
  page: '<rect x="2" y="2" width="28" height="28" rx="4" fill="#d02c3c"/><path d="M16 7v11M16 22v4" stroke="#fff" stroke-width="5"/>',
  lost: '<circle cx="16" cy="16" r="12" fill="none" stroke="#8a94a3" stroke-width="5"/>',
};

/** Draws it. @param {keyof typeof shapes} level of the verdict, or that there is no connection */
export function setIcon(level) {
  const link = /** @type {HTMLLinkElement} */ (document.getElementById('icon'));
  const address = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${shapes[level]}</svg>`)}`;
  if (link.href !== address) link.href = address;
}
