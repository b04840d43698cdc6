/**
 * The children of a metric, found by their label values with one lookup in a map for each label.
 *
 * A child is at the depth of the number of labels. So the number of values needs no check when a child is found: with a
 * wrong number none is, and the check is made where a new child would be added.
 */

/** A child's label values by label name. */
export type Labels = Readonly<Record<string, string>>;

class TreeNode<C> {
  readonly below = new Map<string, TreeNode<C>>();
  /** Null above the last level. */
  child: C | null = null;
}

export class LabelTree<C> {
  readonly #root = new TreeNode<C>();
  readonly #labelNames: readonly string[];
  readonly #create: (labels: Labels) => C;
  /** In the order in which they were added. */
  readonly all: C[] = [];

  constructor(labelNames: readonly string[], create: (labels: Labels) => C) {
    this.#labelNames = labelNames;
    this.#create = create;
  }

  /** The child with these values, in the order of the label names; created if it is new. Throws for a wrong number. */
  of(values: readonly string[]): C {
    let node = this.#root;
    for (const value of values) {
      const next = node.below.get(value);
      if (next === undefined) return this.#add(values);
      node = next;
    }
    return node.child ?? this.#add(values);
  }

  #add(values: readonly string[]): C {
    const names = this.#labelNames;
    if (values.length !== names.length) {
      throw new TypeError(`${values.length} label values for ${names.length} label names (${names.join(', ')})`);
    }
    let node = this.#root;
    for (const value of values) {
      const next = node.below.get(value) ?? new TreeNode<C>();
      node.below.set(value, next);
      node = next;
    }
    const child = this.#create(Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])));
    node.child = child;
    this.all.push(child);
    return child;
  }
}
