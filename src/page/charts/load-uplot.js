/** Fetches the chart library, which the build puts beside the page, once. */
import { element } from '../dom/elements.js';

/** @type {Promise<typeof import('uplot')> | null} */
let loading = null;

/** Resolves with uPlot; rejects with words where it cannot be had, and is tried anew the next time. */
export function loadUplot() {
  loading ??= new Promise((resolve, reject) => {
    const styles = element('link', { rel: 'stylesheet', href: 'page/vendor/uPlot.min.css' });
    const script = element('script', {
      src: 'page/vendor/uPlot.iife.min.js',
      load: () => resolve(globalThis.uPlot),
      error: () => {
        loading = null;
        script.remove();
        styles.remove();
        reject(new Error('the chart library could not be loaded'));
      },
    });
    document.head.append(styles, script);
  });
  return loading;
}
